//! Redirect URIs: which may be registered (docs/contract/oauth2.md 9.2, 11.1) and which requested one is a registered one.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::validation::{InvalidValue, REQUIRED};

const MAX_LENGTH: usize = 2048;

/// Schemes that run, read or fetch something in the browser instead of handing the answer to an app.
const BLOCKED_SCHEMES: [&str; 14] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "ftps",
    "jar",
    "javascript",
    "mailto",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// A redirect URI that may be registered, kept as it was written. Reads back unchecked, so that a stricter rule never makes a
/// recorded event unreadable. The default is the empty one, which no rule lets pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

/// Why a redirect URI may not be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedirectUri {
    /// Nothing was given.
    #[error("a redirect URI is required")]
    Missing,
    /// Longer than 2048 bytes.
    #[error("the redirect URI is longer than 2048 bytes")]
    TooLong,
    /// Relative, malformed, or with white space or control characters.
    #[error("the redirect URI must be an absolute URI")]
    NotAbsolute,
    /// http or https without a host.
    #[error("the redirect URI must have a host")]
    NoHost,
    /// It has a fragment, be it an empty one (RFC 6749 3.1.2).
    #[error("the redirect URI must not contain a fragment")]
    Fragment,
    /// A scheme that must never be redirected to.
    #[error("the redirect URI has a scheme that is not allowed")]
    BlockedScheme,
    /// http to another host than the person's own machine.
    #[error("must use https scheme for non-localhost URLs")]
    PlainHttp,
}

impl RedirectUri {
    /// A redirect URI of an http(s) or private-use scheme (RFC 8252 7.1).
    pub fn parse(value: &str) -> Result<Self, InvalidRedirectUri> {
        if value.is_empty() {
            return Err(InvalidRedirectUri::Missing);
        }
        if value.len() > MAX_LENGTH {
            return Err(InvalidRedirectUri::TooLong);
        }
        // The URL parser would repair these silently; a browser and a client might repair them differently.
        if value
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '\\')
        {
            return Err(InvalidRedirectUri::NotAbsolute);
        }
        let scheme = match value.split_once(':') {
            Some((scheme, _)) => scheme.to_ascii_lowercase(),
            None => return Err(InvalidRedirectUri::NotAbsolute),
        };
        if BLOCKED_SCHEMES.contains(&scheme.as_str()) {
            return Err(InvalidRedirectUri::BlockedScheme);
        }
        let after_scheme = &value[scheme.len() + 1..];
        if matches!(scheme.as_str(), "http" | "https") {
            match after_scheme.strip_prefix("//") {
                None => return Err(InvalidRedirectUri::NotAbsolute),
                Some(rest) if rest.is_empty() || rest.starts_with(['/', '?', '#']) => {
                    return Err(InvalidRedirectUri::NoHost);
                }
                Some(_) => {}
            }
        }
        // Without the slash, `localhost:3000` would be a scheme and a path.
        if !after_scheme.starts_with('/') || Url::parse(value).is_err() {
            return Err(InvalidRedirectUri::NotAbsolute);
        }
        if value.contains('#') {
            return Err(InvalidRedirectUri::Fragment);
        }
        Ok(Self(value.to_owned()))
    }

    /// The callback URL of an app made by an administrator: rule `http_url`, that is absolute, http(s) and with a host.
    pub fn http_url(value: &str) -> Result<Self, InvalidValue> {
        match Self::parse(value) {
            Ok(uri) if uri.is_http() => Ok(uri),
            Err(InvalidRedirectUri::Missing) => Err(InvalidValue::new(REQUIRED, value)),
            Ok(_) | Err(_) => Err(InvalidValue::new("http_url", value)),
        }
    }

    /// A redirect URI of a client that registers itself: plain http stays on the person's machine (OAuth 2.1 2.3.1).
    pub fn of_self_registered(value: &str) -> Result<Self, InvalidRedirectUri> {
        let uri = Self::parse(value)?;
        let scheme = value.split(':').next().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("http") && !uri.is_loopback() {
            return Err(InvalidRedirectUri::PlainHttp);
        }
        Ok(uri)
    }

    /// The URI as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is plain http to the person's own machine, by address or by name.
    pub fn is_loopback(&self) -> bool {
        loopback_parts(&self.0).is_some()
    }

    /// Whether the scheme is http or https.
    pub fn is_http(&self) -> bool {
        let scheme = self.0.split(':').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    }
}

/// Whether a recorded URI may be redirected to today: rules may have become stricter since it was registered.
pub fn may_redirect_to(recorded: &str) -> bool {
    RedirectUri::parse(recorded).is_ok()
}

/// Whether `requested` is the `registered` URI: the same string, except that the port of a plain http loopback address
/// (`127.0.0.1`, `[::1]`, `localhost`) may be any (RFC 8252 7.3; clients use the name too).
pub fn matches(registered: &str, requested: &str) -> bool {
    if registered == requested {
        return true;
    }
    matches!((loopback_parts(registered), loopback_parts(requested)), (Some(a), Some(b)) if a == b)
}

/// Host and everything after the port of an http loopback URI.
fn loopback_parts(uri: &str) -> Option<(&str, &str)> {
    let after_scheme = uri.strip_prefix("http://")?;
    let end = after_scheme
        .find(['/', '?', '#'])
        .unwrap_or(after_scheme.len());
    let (authority, rest) = after_scheme.split_at(end);
    let host = ["127.0.0.1", "[::1]", "localhost"]
        .into_iter()
        .find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let port_valid = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        });
    port_valid.then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_validation_cases_of_the_seed_are_refused() {
        for (case, value, tag) in [
            ("URLMissing", "", REQUIRED),
            ("URLLocalhostNoScheme", "localhost:3000", "http_url"),
            ("URLNoScheme", "coder.com", "http_url"),
            ("URLNoColon", "http//coder", "http_url"),
            ("URLJustBar", "bar", "http_url"),
            ("URLPathOnly", "/bar/baz/qux", "http_url"),
            ("URLJustHttp", "http", "http_url"),
            ("URLNoHost", "http://", "http_url"),
            ("URLSpaces", "bar baz qux", "http_url"),
        ] {
            let refused = RedirectUri::http_url(value).unwrap_err();
            assert_eq!(
                refused,
                InvalidValue {
                    tag,
                    value: value.to_owned()
                },
                "{case}"
            );
        }
    }

    #[test]
    fn absolute_http_urls_with_a_host_are_callback_urls() {
        for value in [
            "http://localhost:3000",
            "https://coder.com/cb?x=1",
            "HTTPS://Coder.com",
            "http://[::1]:9/cb",
        ] {
            assert_eq!(RedirectUri::http_url(value).unwrap().as_str(), value);
        }
    }

    #[test]
    fn urls_that_parsers_would_repair_are_refused() {
        for value in [
            "http:/host",
            "http:host",
            "http:///host",
            "http:\\\\host",
            "http://ho\tst",
            "http://h/\0",
            " http://h",
        ] {
            assert!(RedirectUri::parse(value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn private_use_schemes_are_redirect_uris_but_not_callback_urls() {
        for value in [
            "com.example.app:/cb",
            "cursor://anysphere.cursor-mcp/oauth/callback",
        ] {
            assert_eq!(RedirectUri::parse(value).unwrap().as_str(), value);
            assert_eq!(RedirectUri::http_url(value).unwrap_err().tag, "http_url");
        }
    }

    #[test]
    fn dangerous_schemes_are_refused_in_any_case() {
        for value in [
            "javascript:alert(1)",
            "JavaScript://x/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://h/x",
            "vbscript:x",
            "blob:https://h/x",
        ] {
            assert_eq!(
                RedirectUri::parse(value),
                Err(InvalidRedirectUri::BlockedScheme),
                "{value}"
            );
            assert!(!may_redirect_to(value));
        }
    }

    #[test]
    fn fragments_and_long_uris_are_refused() {
        for value in ["https://h/cb#", "https://h/cb#x", "https://h#x"] {
            assert_eq!(RedirectUri::parse(value), Err(InvalidRedirectUri::Fragment));
        }
        let long = format!("https://h/{}", "x".repeat(MAX_LENGTH));
        assert_eq!(RedirectUri::parse(&long), Err(InvalidRedirectUri::TooLong));
        assert_eq!(
            RedirectUri::parse("https:///cb"),
            Err(InvalidRedirectUri::NoHost)
        );
    }

    #[test]
    fn only_the_registered_string_matches() {
        let registered = "https://app.example.com:8443/cb";
        assert!(matches(registered, registered));
        for requested in [
            "http://app.example.com:8443/cb",
            "https://app.example.com/cb",
            "https://app.example.com:8444/cb",
            "https://app.example.com:8443/cb/nested",
            "https://app.example.com:8443/cb/",
            "https://app.example.com:8443/",
            "https://app.example.com:8443/cb?x=1",
            "https://APP.example.com:8443/cb",
            "https://sub.app.example.com:8443/cb",
            "https://app.example.com:8443.evil.example/cb",
            "https://app.example.com:8443@evil.example/cb",
        ] {
            assert!(!matches(registered, requested), "{requested}");
        }
    }

    #[test]
    fn the_port_of_a_loopback_address_may_be_any() {
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let registered = format!("http://{host}/callback");
            assert!(matches(
                &registered,
                &format!("http://{host}:52311/callback")
            ));
            assert!(matches(
                &format!("http://{host}:9876/callback"),
                &registered
            ));
        }
    }

    #[test]
    fn loopback_tolerance_ends_at_the_port() {
        let registered = "http://localhost:9876/callback";
        for requested in [
            "http://127.0.0.1:9876/callback",
            "https://localhost:9876/callback",
            "http://localhost:1/callback/nested",
            "http://localhost:1/callback?x",
            "http://localhost:1/callback#x",
            "http://localhost.evil.example/callback",
            "http://localhost:1@evil.example/callback",
            "http://localhost:x/callback",
            "http://localhost:65536/callback",
            "http://localhost:/callback",
            "http://localhost:1",
        ] {
            assert!(!matches(registered, requested), "{requested}");
        }
        assert!(!matches("https://localhost:1/cb", "https://localhost:2/cb"));
    }
}
