//! JSON in and out. In: at most 1 MiB of UTF-8, whatever the content type says (as the contract's server does).

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
pub use chancery_operations::form::null_as_default;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::csrf;
use super::error::{ApiError, Validation};
use super::state::AppState;

/// The longest request body, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// A JSON body, taken or given.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let bytes = read_body(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// A JSON body of a request that needs no token and gives one, or owns the deployment: other sites' pages must not be able to send it.
#[derive(Clone, Copy, Debug)]
pub struct OwnJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for OwnJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        csrf::check_origin(request.headers(), &state.access_url)?;
        csrf::check_json(request.headers())?;
        let Json(body) = Json::from_request(request, state).await?;
        Ok(Self(body))
    }
}

/// Reads a whole body, up to the limit.
pub async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(error)
                if error.status() == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                ApiError::too_large(BODY_LIMIT)
            }
            _ => ApiError::bad_request("Request body could not be read."),
        })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(bad_text(
            &String::from_utf8_lossy(bytes),
            '\u{fffd}',
            "must be valid UTF-8",
        ));
    };
    if text.contains("\\u0000") {
        // Only an escape that really stands for NUL counts: `\\u0000` is harmless text.
        if let Ok(value) = serde_json::from_str::<Value>(text)
            && find(&value, '\0', String::new()).is_some()
        {
            return Err(bad_text(text, '\0', "must not contain NUL"));
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(misfit)?;
    let end = reader.end();
    end.map_err(|error| ApiError::invalid_json(error.to_string()))?;
    Ok(read)
}

/// JSON of another shape than is read; the field at fault is named.
fn misfit(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let field = error.path().to_string();
    let is_field = error.inner().is_data() && error.path().iter().next().is_some();
    let detail = error.into_inner().to_string();
    let refused = ApiError::invalid_json(&*detail);
    if is_field {
        refused.with_validations(vec![Validation::new(field, detail)])
    } else {
        refused
    }
}

fn bad_text(text: &str, culprit: char, rule: &str) -> ApiError {
    let field = serde_json::from_str::<Value>(text)
        .ok()
        .and_then(|value| find(&value, culprit, String::new()));
    match field {
        Some(field) => ApiError::validation_failed(vec![Validation::new(field, rule)]),
        None => ApiError::invalid_json(format!("the body {rule}")),
    }
}

/// The path of the first string (or key) that holds `culprit`.
fn find(value: &Value, culprit: char, path: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains(culprit).then_some(path),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            let mut path = path.clone();
            let _ = write!(path, "[{index}]");
            find(item, culprit, path)
        }),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let mut path = path.clone();
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&name.replace(culprit, "?"));
            if name.contains(culprit) {
                return Some(path);
            }
            find(field, culprit, path)
        }),
        _ => None,
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(mut body) => {
                // A shell's prompt goes on a line of its own.
                body.push(b'\n');
                (
                    [(
                        header::CONTENT_TYPE,
                        HeaderValue::from_static("application/json; charset=utf-8"),
                    )],
                    body,
                )
                    .into_response()
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    fn refusal(bytes: &[u8]) -> ApiError {
        parse::<Value>(bytes).unwrap_err()
    }

    #[test]
    fn nul_is_refused_and_its_field_named() {
        let error = refusal(br#"{"a":{"b":["x","y\u0000"]}}"#);
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
        assert_eq!(error.body.validations[0].field, "a.b[1]");
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_harmless() {
        assert!(parse::<Value>(br#"{"a":"\\u0000"}"#).is_ok());
    }

    #[test]
    fn invalid_utf8_is_refused_and_its_field_named() {
        let error = refusal(b"{\"name\":\"a\xff\"}");
        assert_eq!(error.body.validations[0].field, "name");
        assert_eq!(
            refusal(b"\xff").body.message,
            "Request body must be valid JSON."
        );
    }

    #[test]
    fn the_field_of_another_type_is_named() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only read")]
        struct Body {
            things: Vec<Thing>,
        }
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only read")]
        struct Thing {
            size: u8,
        }
        let error = parse::<Body>(br#"{"things":[{"size":1},{"size":"big"}]}"#).unwrap_err();
        assert_eq!(error.body.validations[0].field, "things[1].size");
        assert_eq!(
            error.body.detail.as_ref(),
            Some(&error.body.validations[0].detail)
        );
        let whole = parse::<Body>(b"7").unwrap_err();
        assert!(whole.body.validations.is_empty() && whole.body.detail.is_some());
        assert!(parse::<Body>(br#"{"things":[]} x"#).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_readers_words() {
        let error = refusal(b"{");
        assert_eq!(error.body.message, "Request body must be valid JSON.");
        assert!(error.body.detail.is_some());
    }

    #[test]
    fn deep_nesting_is_refused_without_exhausting_the_stack() {
        let error = refusal("[".repeat(100_000).as_bytes());
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
    }
}
