//! Which addresses a request may go to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Lets requests go to the public internet, and to what the operator allowed besides.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// A guard that also lets requests go to `allowed`, which need not be public.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether a request may go to `address`.
    pub fn lets_pass(&self, address: IpAddr) -> bool {
        self.allowed
            .iter()
            .any(|network| network.contains(&address))
            || is_public(address)
    }
}

/// IPv4 networks that are not the public internet: those of the IANA special-purpose registry, multicast, and the one public address
/// that is a cloud's own.
const NOT_PUBLIC_V4: [Ipv4Net; 17] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    // Shared by a carrier's customers; one cloud's metadata service is here.
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    // Of Azure's hosts, which answer their guests there.
    v4([168, 63, 129, 16], 32),
    // Link-local, where most clouds' metadata services are.
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 52, 193, 0], 24),
    // Relays to 6to4.
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    // Multicast, what is reserved, and broadcast.
    v4([224, 0, 0, 0], 3),
];

/// All global unicast addresses that were ever given out are in here. Loopback, link-local, unique local, multicast and every form
/// that carries an IPv4 address (mapped, compatible, NAT64), 6to4 and Teredo excepted, are outside.
const GLOBAL_UNICAST_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Networks in there that are not the public internet.
const NOT_PUBLIC_V6: [Ipv6Net; 5] = [
    // Protocol assignments, Teredo among them, which carries IPv4 addresses.
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // 6to4, which carries IPv4 addresses.
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from_octets(octets), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), prefix)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4
            .iter()
            .any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_UNICAST_V6.contains(&address)
                && !NOT_PUBLIC_V6
                    .iter()
                    .any(|network| network.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(guard: &Guard, address: &str) -> bool {
        guard.lets_pass(address.parse().unwrap())
    }

    #[test]
    fn the_public_internet_is_let_through() {
        for address in [
            "1.1.1.1",
            "93.184.215.14",
            "100.63.255.255",
            "172.32.0.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
        ] {
            assert!(passes(&Guard::default(), address), "{address}");
        }
    }

    #[test]
    fn private_and_special_addresses_are_not() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.255.255.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!passes(&Guard::default(), address), "{address}");
        }
    }

    #[test]
    fn metadata_services_of_clouds_are_not() {
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "fd00:ec2::254",
            "fd20:ce::254",
        ] {
            assert!(!passes(&Guard::default(), address), "{address}");
        }
    }

    #[test]
    fn an_ipv6_form_does_not_carry_an_ipv4_address_past_the_guard() {
        for address in [
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::10.0.0.1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        ] {
            assert!(!passes(&Guard::default(), address), "{address}");
        }
    }

    #[test]
    fn what_the_operator_allowed_is_let_through_and_nothing_more() {
        let guard = Guard::new(vec![
            "10.1.0.0/16".parse().unwrap(),
            "::1/128".parse().unwrap(),
        ]);
        assert!(passes(&guard, "10.1.255.1") && passes(&guard, "::1"));
        assert!(!passes(&guard, "10.2.0.1"));
        assert!(!passes(&guard, "::ffff:10.1.0.1"));
        assert!(!passes(&guard, "127.0.0.1"));
    }
}
