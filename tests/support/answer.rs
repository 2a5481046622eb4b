//! An HTTP answer, read whole.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

/// Status, headers and body of one answer.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// Sends `request` and reads the answer.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        Self::try_to(request)
            .await
            .expect("the server should answer")
    }

    /// Sends `request` with these headers and reads the answer.
    pub async fn with(mut request: reqwest::RequestBuilder, headers: &[(&str, &str)]) -> Self {
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::to(request).await
    }

    /// Sends `request` and reads the answer; fails when the connection does, as it does while a server is down.
    pub async fn try_to(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        Ok(Self {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await?,
        })
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    /// A text member of the JSON body, or of a member's member: `endpoints.token`.
    pub fn member(&self, path: &str) -> String {
        let json = self.json();
        let value = path.split('.').fold(&json, |value, name| &value[name]);
        value
            .as_str()
            .unwrap_or_else(|| panic!("no text at {path} in {json}"))
            .to_owned()
    }

    /// A header's text, empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Fails the test unless the status is `status`.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:#?}");
        self
    }

    /// Fails the test unless this is an OAuth2 error answer (RFC 6749 section 5.2; docs/contract/oauth2.md 1.1) with `code` and a description
    /// that contains `description`.
    #[track_caller]
    pub fn expect_oauth2_error(self, status: u16, code: &str, description: &str) -> Self {
        let answer = self.expect(status);
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json"),
            "{answer:#?}"
        );
        let body = answer.json();
        assert_eq!(body["error"], code, "{body}");
        let text = body["error_description"].as_str().unwrap_or_default();
        assert!(
            !text.is_empty() && text.contains(description),
            "{description:?} should be in {body}"
        );
        answer
    }

    /// The redirect's target.
    #[track_caller]
    pub fn location(&self) -> Url {
        let text = self.header("location");
        Url::parse(text).unwrap_or_else(|error| panic!("location {text:?}: {error}; {self:#?}"))
    }

    /// A parameter of the redirect's query, if present.
    #[track_caller]
    pub fn redirected(&self, name: &str) -> Option<String> {
        self.location()
            .query_pairs()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    }
}
