//! Cookies: `coder_session_token` (docs/contract/core.md 3.1) and `csrf_token`.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::secret::{ExposeSecret as _, Secret};

/// The cookie that holds the session's token.
pub const SESSION: &str = "coder_session_token";
/// The cookie half of the double submit against forged requests.
pub const CSRF: &str = "csrf_token";

/// The first non-empty cookie called `name`. Malformed cookies are passed over.
pub fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name && !cookie.value().is_empty())
        .map(|cookie| cookie.value().to_owned())
}

/// Sets the session's cookie for `lifetime`.
pub fn set_session(
    token: &Secret,
    lifetime: std::time::Duration,
    secure: bool,
) -> Option<HeaderValue> {
    let lifetime = Duration::try_from(lifetime).ok()?;
    render(
        &base(SESSION, token.expose_secret(), secure)
            .max_age(lifetime)
            .build(),
    )
}

/// Takes the session's cookie away.
pub fn clear_session(secure: bool) -> Option<HeaderValue> {
    render(&base(SESSION, "", secure).max_age(Duration::ZERO).build())
}

/// Sets the cookie half of the double submit, for as long as the browser runs.
pub fn set_csrf(token: &str, secure: bool) -> Option<HeaderValue> {
    render(&base(CSRF, token, secure).build())
}

fn base<'a>(name: &'a str, value: &'a str, secure: bool) -> cookie::CookieBuilder<'a> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
}

fn render(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static [u8]]) -> HeaderMap {
        values
            .iter()
            .map(|value| (header::COOKIE, HeaderValue::from_bytes(value).unwrap()))
            .collect()
    }

    #[test]
    fn malformed_cookies_are_passed_over() {
        let headers = headers(&[
            b"\xff\xfe=1",
            b";;; =x; novalue; coder_session_token=; coder_session_token=abc",
        ]);
        assert_eq!(get(&headers, SESSION).as_deref(), Some("abc"));
        assert_eq!(get(&headers, CSRF), None);
    }

    #[test]
    fn the_session_cookie_is_out_of_scripts_reach() {
        let value = set_session(
            &Secret::from("a-b"),
            std::time::Duration::from_mins(1),
            true,
        );
        assert_eq!(
            value.unwrap().to_str().unwrap(),
            "coder_session_token=a-b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
    }
}
