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
mod tests;
