//! Where a request carries its token (docs/contract/core.md 3.1, oauth2 8).

use axum::http::{HeaderMap, HeaderName, Uri, header};

use super::cookie;
use crate::secret::Secret;

const SESSION_HEADER: HeaderName = HeaderName::from_static("coder-session-token");

const SESSION_PARAMETER: &str = "coder_session_token";
const ACCESS_PARAMETER: &str = "access_token";
/// The query parameters that may carry a token.
pub const PARAMETERS: [&str; 2] = [SESSION_PARAMETER, ACCESS_PARAMETER];

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The cookie, which a browser sends without being asked: state-changing requests need a second proof.
    Cookie,
    /// A header or query parameter, which only the token's holder can have written.
    Explicit,
}

/// The request's token: the first non-empty one, in the contract's order.
pub fn find_token(headers: &HeaderMap, uri: &Uri) -> Option<(Secret, TokenSource)> {
    if let Some(token) = cookie::get(headers, cookie::SESSION) {
        return Some((Secret::from(token), TokenSource::Cookie));
    }
    query_parameter(uri, SESSION_PARAMETER)
        .or_else(|| header_text(headers, &SESSION_HEADER).map(str::to_owned))
        .or_else(|| bearer(headers).map(str::to_owned))
        .or_else(|| query_parameter(uri, ACCESS_PARAMETER))
        .map(|token| (Secret::from(token), TokenSource::Explicit))
}

/// The text of a header, unless it is empty.
pub fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then_some(text)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header_text(headers, &header::AUTHORIZATION)?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn query_parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().filter(|query| query.contains(name))?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret as _;

    fn find(target: &str, headers: &[(&str, &str)]) -> Option<(String, TokenSource)> {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    value.parse().unwrap(),
                )
            })
            .collect();
        find_token(&headers, &target.parse().unwrap())
            .map(|(token, source)| (token.expose_secret().to_owned(), source))
    }

    #[test]
    fn the_first_non_empty_token_wins_in_the_contracts_order() {
        let target = "/x?access_token=e&coder_session_token=b";
        let headers = [
            ("cookie", "coder_session_token=a"),
            ("coder-session-token", "c"),
            ("authorization", "Bearer d"),
        ];
        let found = |target, headers: &[(&str, &str)]| find(target, headers).map(|found| found.0);
        assert_eq!(
            find(target, &headers),
            Some(("a".to_owned(), TokenSource::Cookie))
        );
        assert_eq!(
            find(target, &headers[1..]),
            Some(("b".to_owned(), TokenSource::Explicit))
        );
        assert_eq!(
            found("/x?access_token=e", &headers[1..]).as_deref(),
            Some("c")
        );
        assert_eq!(
            found("/x?access_token=e", &headers[2..]).as_deref(),
            Some("d")
        );
        assert_eq!(found("/x?access_token=e", &[]).as_deref(), Some("e"));
        assert_eq!(found("/x", &[]), None);
        let empty = [
            ("cookie", "coder_session_token="),
            ("coder-session-token", " "),
        ];
        assert_eq!(found("/x?coder_session_token=", &empty), None);
    }

    #[test]
    fn bearer_is_read_in_any_case_and_basic_is_ignored() {
        let token = |value| find("/x", &[("authorization", value)]).map(|found| found.0);
        assert_eq!(token("bEaReR   abc ").as_deref(), Some("abc"));
        assert_eq!(token("Basic abc"), None);
        assert_eq!(token("Bearer"), None);
        assert_eq!(token("Bearer "), None);
    }

    #[test]
    fn a_parameter_whose_name_only_ends_alike_is_no_token() {
        assert_eq!(find("/x?not_access_token=e", &[]), None);
    }
}
