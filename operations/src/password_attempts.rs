//! How often a password is tried for an account. Attempts from one host count apart from those of others, so that nobody can use up what
//! the account's owner has.

use std::net::{IpAddr, Ipv6Addr};

use chancery_aggregates::email::folded;
use sha2::{Digest as _, Sha256};

use crate::rate::{Limiter, Rate, TooSoon};

/// An account and a host, as a digest: what is tried may be as long as a request, and is kept for a while.
type Key = [u8; 32];

/// Counts attempts, in this process.
#[derive(Debug)]
pub(crate) struct PasswordAttempts(Limiter<Key>);

impl PasswordAttempts {
    pub fn new(rate: Rate) -> Self {
        Self(Limiter::new(rate))
    }

    /// Counts an attempt for the account of an e-mail address, whose case does not matter, from `address`.
    pub fn check(&self, email: &str, address: IpAddr) -> Result<(), TooSoon> {
        let mut digest = Sha256::new();
        digest.update(host_of(address).to_string());
        digest.update([0]);
        digest.update(folded(email));
        self.0.check(&digest.finalize().into())
    }
}

/// What counts as one host: an IPv4 address, or a /64 of IPv6.
pub fn host_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_does_not_use_up_the_attempts_of_an_accounts_owner() {
        let attempts = PasswordAttempts::new("1/h:2".parse().unwrap());
        let (stranger, owner) = (address("192.0.2.1"), address("198.51.100.1"));
        attempts.check("ada@example.com", stranger).unwrap();
        attempts.check("Ada@Example.com", stranger).unwrap();
        attempts.check("ada@example.com", stranger).unwrap_err();
        attempts.check("ada@example.com", owner).unwrap();
        attempts.check("bob@example.com", stranger).unwrap();
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_host() {
        let attempts = PasswordAttempts::new("1/h:1".parse().unwrap());
        attempts
            .check("ada@example.com", address("2001:db8::1"))
            .unwrap();
        attempts
            .check("ada@example.com", address("2001:db8::2"))
            .unwrap_err();
    }
}
