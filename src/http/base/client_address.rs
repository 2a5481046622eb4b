//! The address a request came from.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer's address; behind a trusted proxy, the last address in `X-Forwarded-For` that is not a trusted proxy's.
/// What the client itself wrote into the header stands before that one, and is not believed.
pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if trusted.is_empty() || !is_trusted(peer, trusted) {
        return peer;
    }
    let mut nearest = peer;
    for value in headers.get_all(FORWARDED_FOR).iter().rev() {
        let Ok(value) = value.to_str() else {
            return nearest;
        };
        for text in value.rsplit(',') {
            let Ok(address) = text.trim().parse::<IpAddr>() else {
                return nearest;
            };
            nearest = address.to_canonical();
            if !is_trusted(nearest, trusted) {
                return nearest;
            }
        }
    }
    nearest
}

/// Whether `address` is a trusted proxy's.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_forwarded(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let headers = forwarded
            .iter()
            .map(|value| (FORWARDED_FOR, value.parse().unwrap()))
            .collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn the_header_is_ignored_unless_the_peer_is_trusted() {
        assert_eq!(
            of_forwarded("192.0.2.1", &["198.51.100.1"], &[]),
            "192.0.2.1"
        );
        assert_eq!(
            of_forwarded("192.0.2.1", &["198.51.100.1"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn the_last_untrusted_address_counts() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            of_forwarded("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(
            of_forwarded("10.0.0.1", &["6.6.6.6", "198.51.100.1"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(of_forwarded("::ffff:10.0.0.1", &["::1"], &trusted), "::1");
    }

    #[test]
    fn garbage_ends_the_search() {
        assert_eq!(
            of_forwarded(
                "10.0.0.1",
                &["198.51.100.1, unknown, 10.0.0.2"],
                &["10.0.0.0/8"]
            ),
            "10.0.0.2"
        );
    }
}
