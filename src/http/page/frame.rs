//! What every page has: its head, its policy, its CSRF token; and the pages of errors.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::base::{ApiError, AppState, cookie, csrf};

/// A page on its way out.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    body: Result<String, askama::Error>,
    csrf_cookie: Option<HeaderValue>,
    image: Option<String>,
    form_target: Option<String>,
}

impl Page {
    /// Renders a template.
    pub fn new(status: StatusCode, template: &impl Template) -> Self {
        Self {
            status,
            body: template.render(),
            csrf_cookie: None,
            image: None,
            form_target: None,
        }
    }

    /// With the cookie that a new CSRF token needs.
    #[must_use]
    pub fn with_csrf(mut self, token: &CsrfToken) -> Self {
        self.csrf_cookie.clone_from(&token.cookie);
        self
    }

    /// Lets the page show images from `origin` (`https://host`).
    #[must_use]
    pub fn with_images_of(mut self, origin: impl Into<String>) -> Self {
        self.image = Some(origin.into());
        self
    }

    /// Lets the page's forms end, by redirect, at `source` (`https://host`, or `scheme:` for an app's own scheme).
    #[must_use]
    pub fn with_forms_ending_at(mut self, source: impl Into<String>) -> Self {
        self.form_target = Some(source.into());
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let body = match self.body {
            Ok(body) => body,
            Err(error) => return ApiError::internal(&error).into_response(),
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self' {}; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            self.image.unwrap_or_default(),
            self.form_target.unwrap_or_default(),
        );
        let Ok(policy) = HeaderValue::from_str(&policy) else {
            return ApiError::internal("a page's policy is no header value").into_response();
        };
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        // Other sites learn nothing from the address; our own forms still say where they come from.
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(cookie) = self.csrf_cookie {
            headers.append(header::SET_COOKIE, cookie);
        }
        (self.status, headers, body).into_response()
    }
}

/// The CSRF token for a page's forms.
#[derive(Debug)]
pub struct CsrfToken {
    /// The value for the hidden field `csrf_token`.
    pub value: String,
    cookie: Option<HeaderValue>,
}

impl CsrfToken {
    /// The browser's token, or a new one.
    pub fn of(headers: &HeaderMap, state: &AppState) -> Self {
        let (value, new) = csrf::token_for_page(headers, &state.services.randomness());
        let cookie = new
            .then(|| cookie::set_csrf(&value, state.secure_cookies()))
            .flatten();
        Self { value, cookie }
    }
}

#[derive(Template)]
#[template(path = "page/error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    description: &'a str,
    details: &'a [String],
}

/// A page that says what went wrong.
pub fn error(status: StatusCode, title: &str, description: &str, details: &[String]) -> Page {
    Page::new(
        status,
        &ErrorPage {
            title,
            description,
            details,
        },
    )
}

/// The page for an [`ApiError`], with its headers.
pub fn of_api_error(error: &ApiError) -> Response {
    let details: Vec<String> = error
        .body
        .validations
        .iter()
        .map(|validation| format!("{}: {}", validation.field, validation.detail))
        .collect();
    let title = error.status.canonical_reason().unwrap_or("Error");
    let mut response =
        self::error(error.status, title, &error.body.message, &details).into_response();
    if let Some(wait) = error.retry_after() {
        response.headers_mut().insert(
            header::RETRY_AFTER,
            crate::http::base::error::retry_after_header(wait),
        );
    }
    response
}

/// The page for an address that leads nowhere.
pub fn not_found() -> Page {
    error(
        StatusCode::NOT_FOUND,
        "Page not found",
        "There is nothing at this address.",
        &[],
    )
}

/// The path to go to after signing in: on this site only, so that a link to the sign-in page cannot lead astray.
pub fn same_site(redirect: Option<&str>) -> &str {
    redirect
        .filter(|path| {
            path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains('\\')
                && !path.chars().any(char::is_control)
                && HeaderValue::from_str(path).is_ok()
        })
        .unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::page::stylesheet_path;

    #[test]
    fn only_paths_of_this_site_are_gone_to() {
        assert_eq!(
            same_site(Some("/oauth2/authorize?a=b")),
            "/oauth2/authorize?a=b"
        );
        for elsewhere in [
            "https://evil.example.com",
            "//evil.example.com",
            "/\\evil.example.com",
            "evil",
            "",
            "/\t/evil.example.com",
            "javascript:alert(1)",
        ] {
            assert_eq!(same_site(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(same_site(None), "/");
    }

    #[test]
    fn text_is_escaped() {
        let page = error(
            StatusCode::BAD_REQUEST,
            "<script>",
            "a",
            &["<b>".to_owned()],
        );
        let body = page.body.unwrap();
        assert!(!body.contains("<script>") && !body.contains("<b>"));
        assert!(body.contains(stylesheet_path()));
    }
}
