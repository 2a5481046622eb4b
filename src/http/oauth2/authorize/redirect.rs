//! The redirect back to the client: where it goes, and what it carries (RFC 6749 section 4.1.2, RFC 9207).

use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;
use url::form_urlencoded;

/// Names that only this server may put on a redirect; the registered URI's own query loses them.
const RESERVED: [&str; 6] = [
    "code",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "state",
];

/// The `Location` that returns to `redirect_uri` with `parameters`. The URI's own query is kept, without reserved names.
///
/// `redirect_uri` is an absolute URI without a fragment. The result is ASCII.
pub fn location(redirect_uri: &str, parameters: &[(&str, &str)]) -> String {
    let (base, query) = redirect_uri.split_once('?').unwrap_or((redirect_uri, ""));
    let mut location: String = utf8_percent_encode(base, CONTROLS).collect();
    let mut separator = '?';
    for pair in query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_reserved(pair))
    {
        location.push(separator);
        location.extend(utf8_percent_encode(pair, CONTROLS));
        separator = '&';
    }
    for (name, value) in parameters {
        location.push(separator);
        location.push_str(name);
        location.push('=');
        location.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        separator = '&';
    }
    location
}

fn is_reserved(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    percent_decode_str(name)
        .decode_utf8()
        .is_ok_and(|name| RESERVED.contains(&name.as_ref()))
}

/// What the consent page says about the place the user is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Host and port; the scheme when there is no host (an app's own scheme).
    pub name: String,
    /// Where the consent form may end, for the content security policy. Browsers hold every redirect of a form against
    /// it, those of the client after its callback too, so it names schemes and no host.
    pub form_sources: String,
    /// Whether the redirect stays on the user's machine: then any program there may be asking (RFC 8252 section 8.3).
    pub is_local: bool,
}

impl Destination {
    /// The destination of `redirect_uri`.
    pub fn of(redirect_uri: &str) -> Self {
        let Ok(url) = Url::parse(redirect_uri) else {
            return Destination {
                name: redirect_uri.to_owned(),
                form_sources: String::new(),
                is_local: false,
            };
        };
        let (Some(host), "http" | "https") = (url.host(), url.scheme()) else {
            let scheme = format!("{}:", url.scheme());
            return Destination {
                name: scheme.clone(),
                form_sources: scheme,
                is_local: true,
            };
        };
        let form_sources = if url.scheme() == "https" {
            "https:"
        } else {
            "http: https:"
        }
        .to_owned();
        let is_local = match &host {
            url::Host::Domain(domain) => *domain == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        let name = url
            .port()
            .map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        Destination {
            name,
            form_sources,
            is_local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_appended_and_encoded() {
        assert_eq!(
            location(
                "http://localhost:9876/callback",
                &[
                    ("code", "coder_a_b"),
                    ("state", "a b&c"),
                    ("iss", "http://x")
                ]
            ),
            "http://localhost:9876/callback?code=coder_a_b&state=a+b%26c&iss=http%3A%2F%2Fx"
        );
    }

    #[test]
    fn the_own_query_is_kept_without_reserved_names() {
        assert_eq!(
            location(
                "https://a.example/cb?tenant=1&code=forged&st%61te=forged&x",
                &[("code", "c")]
            ),
            "https://a.example/cb?tenant=1&x&code=c"
        );
    }

    #[test]
    fn an_own_scheme_and_non_ascii_paths_make_a_valid_header() {
        assert_eq!(
            location("com.example.app:/cb", &[("state", "é")]),
            "com.example.app:/cb?state=%C3%A9"
        );
        assert_eq!(
            location("https://a.example/é?q=é", &[]),
            "https://a.example/%C3%A9?q=%C3%A9"
        );
    }

    #[test]
    fn destinations_on_the_users_machine_are_recognised() {
        for (uri, name, form_sources, is_local) in [
            (
                "http://localhost:9876/cb",
                "localhost:9876",
                "http: https:",
                true,
            ),
            ("http://127.0.0.1/cb", "127.0.0.1", "http: https:", true),
            ("http://[::1]:80/cb", "[::1]", "http: https:", true),
            (
                "com.example.app:/cb",
                "com.example.app:",
                "com.example.app:",
                true,
            ),
            (
                "com.example.app://host/cb",
                "com.example.app:",
                "com.example.app:",
                true,
            ),
            (
                "https://localhost.evil.example/cb",
                "localhost.evil.example",
                "https:",
                false,
            ),
            (
                "https://app.example:8443/cb",
                "app.example:8443",
                "https:",
                false,
            ),
        ] {
            let expected = Destination {
                name: name.to_owned(),
                form_sources: form_sources.to_owned(),
                is_local,
            };
            assert_eq!(Destination::of(uri), expected, "{uri}");
        }
    }
}
