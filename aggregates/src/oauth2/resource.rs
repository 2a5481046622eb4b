//! Resource indicators (RFC 8707) and the audience they become (docs/contract/oauth2.md 8).

use url::Url;

const MAX_LENGTH: usize = 2048;

/// The `resource` of an authorization request: an absolute URI without a fragment, kept as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource(String);

/// Why a resource is refused (RFC 8707 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidResource {
    /// Relative, without a scheme, or not a URI at all.
    #[error("The resource parameter must be an absolute URI")]
    NotAbsolute,
    /// It has a fragment, be it an empty one.
    #[error("The resource parameter must not contain a fragment")]
    Fragment,
    /// Longer than 2048 bytes.
    #[error("The resource parameter is too long")]
    TooLong,
}

impl Resource {
    /// Checks a resource.
    pub fn parse(value: &str) -> Result<Self, InvalidResource> {
        if value.len() > MAX_LENGTH {
            return Err(InvalidResource::TooLong);
        }
        if value.chars().any(|c| c.is_whitespace() || c.is_control()) || Url::parse(value).is_err()
        {
            return Err(InvalidResource::NotAbsolute);
        }
        if value.contains('#') {
            return Err(InvalidResource::Fragment);
        }
        Ok(Self(value.to_owned()))
    }

    /// The resource as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether two resources are the same string, not minding the root slash that WHATWG URL implementations add to
/// `https://host`.
pub fn same(a: &str, b: &str) -> bool {
    a == b || matches!((with_root_slash(a), with_root_slash(b)), (Some(a), Some(b)) if a == b)
}

/// An http(s) URI cut after its authority, with the root slash put in where the path is empty.
fn with_root_slash(uri: &str) -> Option<(&str, String)> {
    let after_scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| uri.starts_with(scheme))?
        .len();
    let authority_length = uri[after_scheme..]
        .find(['/', '?', '#'])
        .unwrap_or(uri.len() - after_scheme);
    let (authority, rest) = uri.split_at(after_scheme + authority_length);
    let slash = if rest.starts_with('/') { "" } else { "/" };
    Some((authority, format!("{slash}{rest}")))
}

/// The form in which audiences are compared: scheme and host in lower case, host in punycode, no default port, dot
/// segments resolved, no trailing slash, no fragment. `None` when it is not an absolute URI.
pub fn normalise_audience(uri: &str) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    url.set_fragment(None);
    let trimmed = url.path().trim_end_matches('/').to_owned();
    url.set_path(&trimmed);
    let mut text = url.as_str().to_owned();
    // A URL object cannot lose its root slash; its text can, when no query follows.
    if url.query().is_none() {
        text.truncate(text.trim_end_matches('/').len());
    }
    Some(text)
}

/// Whether a token bound to `audience` may be used at `server`.
pub fn audience_matches(audience: &str, server: &str) -> bool {
    matches!((normalise_audience(audience), normalise_audience(server)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_uris_are_resources() {
        for value in [
            "https://api.example.com",
            "https://api.example.com/mcp?x=1",
            "urn:example:api",
            "HTTP://H:80/",
        ] {
            assert_eq!(Resource::parse(value).unwrap().as_str(), value);
        }
    }

    #[test]
    fn relative_malformed_and_long_resources_are_refused() {
        for value in [
            "",
            "/mcp",
            "api.example.com/mcp",
            "//api.example.com",
            "https://",
            "https://a b",
            "https://a\n/",
        ] {
            assert_eq!(
                Resource::parse(value),
                Err(InvalidResource::NotAbsolute),
                "{value:?}"
            );
        }
        let long = format!("https://h/{}", "x".repeat(MAX_LENGTH));
        assert_eq!(Resource::parse(&long), Err(InvalidResource::TooLong));
    }

    #[test]
    fn a_fragment_is_refused_even_when_empty() {
        for value in [
            "https://api.example.com/#x",
            "https://api.example.com#",
            "urn:a#b",
        ] {
            assert_eq!(
                Resource::parse(value),
                Err(InvalidResource::Fragment),
                "{value:?}"
            );
        }
    }

    #[test]
    fn resources_are_compared_as_strings_but_for_the_root_slash() {
        assert!(same("https://host", "https://host/"));
        assert!(same("http://host:8080/", "http://host:8080"));
        assert!(same("https://host?a=b", "https://host/?a=b"));
        assert!(same("urn:a", "urn:a"));
        for (a, b) in [
            ("https://host/mcp", "https://host/mcp/"),
            ("https://host", "https://HOST"),
            ("https://host", "https://host:443"),
            ("https://host", "http://host"),
            ("https://host//", "https://host/"),
            ("urn:a", "urn:a/"),
            ("https://host", "https://host.evil.example"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn audiences_match_after_normalisation() {
        for (audience, server) in [
            ("https://host", "https://host/"),
            ("HTTPS://Host.Example:443/", "https://host.example"),
            ("http://host:80/a/../mcp/", "http://host/mcp"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://host/#part", "https://host"),
        ] {
            assert!(audience_matches(audience, server), "{audience} {server}");
        }
    }

    #[test]
    fn other_audiences_do_not_match() {
        for (audience, server) in [
            ("https://host", "http://host"),
            ("https://host:8443", "https://host"),
            ("https://host/mcp", "https://host"),
            ("https://host/?a", "https://host"),
            ("https://host.evil.example", "https://host"),
            ("", ""),
            ("host", "host"),
        ] {
            assert!(!audience_matches(audience, server), "{audience} {server}");
        }
    }
}
