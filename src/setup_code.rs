//! Who may make the first user: whoever is on the server's machine, or knows the code that the server prints.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use url::Url;

use crate::http::base::ApiError;
use crate::http::base::csrf::is_loopback;
use crate::randomness::Randomness;
use crate::secret::{self, ExposeSecret as _, Secret};

const LENGTH: usize = 24;
/// What proxies put on requests: one on this machine makes all the world seem to be on it.
const FORWARDED: [HeaderName; 3] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
];

/// The code of this run of the server.
#[derive(Debug)]
pub struct SetupCode(Secret);

impl SetupCode {
    /// A new one.
    pub fn generate(randomness: Randomness) -> Self {
        Self(Secret::from(randomness.alphanumeric(LENGTH)))
    }

    /// The code, for the operator.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Refuses a request from elsewhere that does not know the code.
    pub fn check(&self, headers: &HeaderMap, client: IpAddr, code: &str) -> Result<(), ApiError> {
        if is_local(headers, client) || secret::equal(self.expose(), code.trim()) {
            return Ok(());
        }
        let refused = "Making the first user from elsewhere needs the setup code.";
        let detail = "The server prints it when it starts. Send it as \"setup_code\".";
        Err(ApiError::new(StatusCode::FORBIDDEN, refused).with_detail(detail))
    }
}

/// Whether a request was made on this machine and for it: not through a proxy, and not by a page whose name was made to lead here.
pub fn is_local(headers: &HeaderMap, client: IpAddr) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let url = host.and_then(|host| Url::parse(&format!("http://{host}")).ok());
    client.to_canonical().is_loopback()
        && url.is_some_and(|url| is_loopback(&url))
        && !FORWARDED.iter().any(|name| headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(client: &str, pairs: &[(&'static str, &str)], code: &str) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let setup = SetupCode(Secret::from("right"));
        setup
            .check(&headers.collect(), client.parse().unwrap(), code)
            .is_ok()
    }

    #[test]
    fn who_is_on_this_machine_needs_no_code() {
        assert!(check("127.0.0.1", &[("host", "localhost:3000")], ""));
        assert!(check("::1", &[("host", "[::1]:3000")], ""));
    }

    #[test]
    fn who_is_elsewhere_needs_the_code() {
        let local = ("host", "localhost:3000");
        for (client, pairs) in [
            ("192.0.2.1", &[local][..]),
            ("127.0.0.1", &[local, ("x-forwarded-for", "127.0.0.1")]),
            ("127.0.0.1", &[local, ("via", "1.1 proxy")]),
            ("127.0.0.1", &[("host", "rebound.example.com")]),
            ("127.0.0.1", &[]),
        ] {
            assert!(!check(client, pairs, ""), "{client} {pairs:?}");
            assert!(!check(client, pairs, "wrong"), "{client} {pairs:?}");
            assert!(check(client, pairs, " right "), "{client} {pairs:?}");
        }
    }
}
