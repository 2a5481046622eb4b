//! Values of flags.

use std::net::IpAddr;
use std::time::Duration;

use chancery_operations::license::LicenseKey;
use ipnet::IpNet;

use crate::secret::Secret;

/// A length of time, of a second or more.
pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.as_secs() == 0 {
        return Err("must be at least 1s".to_owned());
    }
    Ok(duration)
}

/// A key with its id. What is no file is the key itself.
pub(super) fn license_key(text: &str) -> Result<LicenseKey, String> {
    let (id, key) = text.split_once('=').ok_or("expected <kid>=<key>")?;
    let pem = std::fs::read_to_string(key);
    LicenseKey::parse(id, pem.as_deref().unwrap_or(key))
        .ok_or_else(|| "no Ed25519 public key in base64 or PEM".to_owned())
}

/// A key that nobody shows by showing none.
pub(super) fn scim_key(text: &str) -> Result<Secret, String> {
    if text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    Ok(Secret::from(text))
}

/// A network, or a single address.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_network_of_one() {
        assert_eq!(network("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network(" 10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
        assert!(network("proxy").is_err());
    }

    #[test]
    fn lifetimes_are_at_least_a_second() {
        assert_eq!(lifetime("30d").unwrap(), Duration::from_hours(30 * 24));
        assert!(lifetime("0s").is_err());
        assert!(lifetime("soon").is_err());
    }
}
