use reqwest::{Method, RequestBuilder};

use crate::support::{Answer, App, Server, Session};
use crate::{CALLBACK, NOTHING, recorded_by};

/// The value of a hidden field of the consent page.
fn field(page: &Answer, name: &str) -> String {
    let (_, after) = page
        .text
        .split_once(&format!("name=\"{name}\""))
        .expect("the field");
    let (_, after) = after.split_once("value=\"").expect("its value");
    after.split_once('"').expect("its end").0.to_owned()
}

/// A consent page as a browser has it open: session cookie, CSRF cookie, CSRF field.
struct OpenPage<'a> {
    session: &'a Session<'a>,
    app: App,
    csrf_cookie: String,
    csrf_field: String,
}

impl<'a> OpenPage<'a> {
    async fn open(session: &'a Session<'a>) -> Self {
        let app = session.app("app", CALLBACK).await;
        let request = session
            .server
            .request(Method::GET, "/oauth2/authorize")
            .query(app.authorization().pairs());
        let page = Answer::to(
            request
                .header("Cookie", session_cookie(session))
                .header("Accept", "text/html"),
        )
        .await
        .expect(200);
        let set_cookie = page.headers.get_all("set-cookie").iter();
        let csrf_cookie = set_cookie
            .map(|value| value.to_str().unwrap())
            .find_map(|value| value.strip_prefix("csrf_token="))
            .expect("a csrf_token cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        Self {
            session,
            app,
            csrf_field: field(&page, "csrf_token"),
            csrf_cookie,
        }
    }

    /// The form as the browser would send it, with another CSRF field and cookie perhaps.
    fn submit(&self, csrf_cookie: Option<&str>, csrf_field: Option<&str>) -> RequestBuilder {
        let request = self
            .session
            .server
            .request(Method::POST, "/oauth2/authorize")
            .query(self.app.authorization().pairs());
        let cookie = session_cookie(self.session);
        let cookie = csrf_cookie.map_or(cookie.clone(), |value| {
            format!("{cookie}; csrf_token={value}")
        });
        let fields: Vec<_> = csrf_field
            .map(|value| ("csrf_token", value))
            .into_iter()
            .collect();
        request
            .header("Cookie", cookie)
            .header("Accept", "text/html")
            .form(&fields)
    }

    fn as_the_browser(&self) -> RequestBuilder {
        self.submit(Some(&self.csrf_cookie), Some(&self.csrf_field))
    }
}

fn session_cookie(session: &Session<'_>) -> String {
    format!("coder_session_token={}", session.token)
}

async fn issues_no_code(server: &Server, case: &str, request: RequestBuilder) {
    let (answer, recorded) = recorded_by(server, Answer::to(request)).await;
    assert_eq!(answer.status, 403, "{case}: {answer:#?}");
    assert_eq!(answer.header("location"), "", "{case}");
    assert!(!answer.text.is_empty(), "{case}");
    assert_eq!(recorded, NOTHING, "{case}");
}

#[tokio::test]
async fn a_consent_without_its_csrf_token_issues_no_code() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let page = OpenPage::open(&owner).await;
    let (cookie, field) = (page.csrf_cookie.as_str(), page.csrf_field.as_str());
    let other = "A".repeat(field.len());
    let cases = [
        ("no field", page.submit(Some(cookie), None)),
        ("empty field", page.submit(Some(cookie), Some(""))),
        ("another field", page.submit(Some(cookie), Some(&other))),
        ("no cookie", page.submit(None, Some(field))),
        ("empty cookie and field", page.submit(Some(""), Some(""))),
        ("neither", page.submit(None, None)),
        (
            "token in the URL",
            page.submit(Some(cookie), None)
                .query(&[("csrf_token", field)]),
        ),
    ];
    for (case, request) in cases {
        issues_no_code(&server, case, request).await;
    }
    let (answer, recorded) = recorded_by(&server, Answer::to(page.as_the_browser())).await;
    assert!(answer.expect(302).header("location").starts_with(CALLBACK));
    assert_eq!(recorded, ["1x oauth2_grant/code_issued"]);
}

#[tokio::test]
async fn a_consent_from_another_origin_issues_no_code() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let page = OpenPage::open(&owner).await;
    let port = server.address().port();
    let origins = [
        "https://evil.example.com",
        "null",
        "http://127.0.0.1:1",
        &format!("https://127.0.0.1:{port}.evil.example.com"),
    ];
    for origin in origins {
        issues_no_code(
            &server,
            origin,
            page.as_the_browser().header("Origin", origin),
        )
        .await;
    }
    for site in ["cross-site", "same-site"] {
        issues_no_code(
            &server,
            site,
            page.as_the_browser().header("Sec-Fetch-Site", site),
        )
        .await;
    }
    let request = page
        .as_the_browser()
        .header("Origin", server.url())
        .header("Sec-Fetch-Site", "same-origin");
    Answer::to(request).await.expect(302);
}
