//! Forged requests: a state-changing request that is authenticated by cookie, or gives the browser a cookie, must come from our own pages
//! (docs/contract/core.md 3.1).
//!
//! Of one that a cookie authenticates two proofs are asked for: what the browser says about the request's origin, when it says so, and a double submit, the
//! `csrf_token` cookie's value again in the header `X-CSRF-TOKEN` or the form field `csrf_token`.

use axum::http::{HeaderMap, HeaderName, header};
use url::{Host, Url};

use super::cookie;
use super::error::ApiError;
use crate::config::AccessUrl;
use crate::randomness::Randomness;
use crate::secret;

/// The header half of the double submit.
pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const TOKEN_LENGTH: usize = 32;

/// Why a request is taken for a forged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// The browser says that another site's page made it.
    #[error("The request came from another site.")]
    OtherSite,
    /// The double submit is missing or its halves differ.
    #[error(
        "The CSRF token is missing or wrong. Send the \"csrf_token\" cookie's value in the header \"X-CSRF-TOKEN\" or the form field \"csrf_token\"."
    )]
    Token,
    /// The body's type is one that any site's form can send.
    #[error("The request's content type must be application/json.")]
    ContentType,
}

impl From<Forged> for ApiError {
    fn from(forged: Forged) -> Self {
        Self::new(
            axum::http::StatusCode::FORBIDDEN,
            "The request looks forged.",
        )
        .with_detail(forged.to_string())
    }
}

/// Checks what the browser says about the request's origin. Clients that say nothing pass.
pub fn check_origin(headers: &HeaderMap, access_url: &AccessUrl) -> Result<(), Forged> {
    if let Some(site) = headers.get(SEC_FETCH_SITE)
        && site != "same-origin"
        && site != "none"
    {
        return Err(Forged::OtherSite);
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().map_err(|_| Forged::OtherSite)?;
    let of_host = origin_of_host(headers, origin, access_url);
    if origin == access_url.origin() || Some(origin) == of_host.as_deref() {
        Ok(())
    } else {
        Err(Forged::OtherSite)
    }
}

/// Checks that a body is not of a type that a form of another site's page could send. Clients that say nothing pass.
pub fn check_json(headers: &HeaderMap) -> Result<(), Forged> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let media_type = content_type.to_str().unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Forged::ContentType)
    }
}

/// The origin of the host that the request names, under the scheme of `origin`. Where clients reach the server by https, a page that
/// came by http may be anybody's on the way, unless it came from this machine.
fn origin_of_host(headers: &HeaderMap, origin: &str, access_url: &AccessUrl) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let scheme = origin.split_once("://")?.0;
    let url = Url::parse(&format!("{scheme}://{host}")).ok()?;
    let is_genuine = scheme == "https" || !access_url.is_https() || is_loopback(&url);
    is_genuine.then(|| url.origin().ascii_serialization())
}

/// Whether the URL's host is this machine by a name that nobody else can give an address to.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Checks the double submit: the cookie against `submitted`, a form field, or else the header.
pub fn check_token(headers: &HeaderMap, submitted: Option<&str>) -> Result<(), Forged> {
    let header = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let submitted = submitted.or(header).ok_or(Forged::Token)?;
    let expected = cookie::get(headers, cookie::CSRF).ok_or(Forged::Token)?;
    if secret::equal(&expected, submitted) {
        Ok(())
    } else {
        Err(Forged::Token)
    }
}

/// The token for a page's forms: the browser's own when it has one, else a new one, which needs a cookie (true).
pub fn token_for_page(headers: &HeaderMap, randomness: &Randomness) -> (String, bool) {
    match cookie::get(headers, cookie::CSRF) {
        Some(token) if shaped(&token) => (token, false),
        _ => (randomness.alphanumeric(TOKEN_LENGTH), true),
    }
}

fn shaped(token: &str) -> bool {
    token.len() == TOKEN_LENGTH && token.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    fn origin(pairs: &[(&str, &str)]) -> Result<(), Forged> {
        check_origin(&headers(pairs), &"https://id.example.com".parse().unwrap())
    }

    #[test]
    fn our_own_origin_and_silent_clients_pass() {
        origin(&[]).unwrap();
        origin(&[("origin", "https://id.example.com")]).unwrap();
        origin(&[
            ("origin", "http://localhost:3000"),
            ("host", "localhost:3000"),
        ])
        .unwrap();
        origin(&[("sec-fetch-site", "same-origin")]).unwrap();
        origin(&[("sec-fetch-site", "none")]).unwrap();
    }

    #[test]
    fn other_origins_do_not_pass() {
        for pairs in [
            &[("origin", "https://evil.example.com")][..],
            &[("origin", "null")],
            &[("origin", "https://id.example.com.evil.com")],
            &[("origin", "http://evil.com"), ("host", "id.example.com")],
            &[
                ("origin", "http://id.example.com"),
                ("host", "id.example.com"),
            ],
            &[("sec-fetch-site", "cross-site")],
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "https://id.example.com"),
            ],
        ] {
            assert_eq!(origin(pairs), Err(Forged::OtherSite), "{pairs:?}");
        }
    }

    #[test]
    fn types_that_forms_send_are_not_taken_for_json() {
        for (content_type, passes) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=application/json", false),
        ] {
            let checked = check_json(&headers(&[("content-type", content_type)]));
            assert_eq!(checked.is_ok(), passes, "{content_type}");
        }
        check_json(&headers(&[])).unwrap();
    }

    #[test]
    fn both_halves_of_the_double_submit_must_be_there_and_equal() {
        let both = headers(&[("cookie", "csrf_token=abc"), ("x-csrf-token", "abc")]);
        check_token(&both, None).unwrap();
        check_token(&both, Some("abc")).unwrap();
        assert_eq!(check_token(&both, Some("abd")), Err(Forged::Token));
        assert_eq!(check_token(&both, Some("")), Err(Forged::Token));
        let cookie = headers(&[("cookie", "csrf_token=abc")]);
        assert_eq!(check_token(&cookie, None), Err(Forged::Token));
        let header = headers(&[("x-csrf-token", "abc")]);
        assert_eq!(check_token(&header, None), Err(Forged::Token));
        let empty = headers(&[("cookie", "csrf_token="), ("x-csrf-token", "")]);
        assert_eq!(check_token(&empty, None), Err(Forged::Token));
    }

    #[test]
    fn a_page_keeps_the_browsers_token_when_it_is_well_shaped() {
        let (token, new) = token_for_page(&headers(&[("cookie", "csrf_token=short")]), &Randomness);
        assert!(new);
        let kept = headers(&[("cookie", &format!("csrf_token={token}"))]);
        assert_eq!(token_for_page(&kept, &Randomness), (token, false));
    }
}
