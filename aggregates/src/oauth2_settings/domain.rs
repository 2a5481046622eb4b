use serde::{Deserialize, Serialize};
use url::Host;

use crate::validation::InvalidValue;

/// A host name in ASCII and lower case, or `*.` and one: every name below it. Reads back unchecked, like a
/// [`Name`](crate::name::Name).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Domain(String);

impl Domain {
    /// Checks a domain.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let invalid = || InvalidValue::new("fqdn", value);
        let name = value.strip_prefix("*.").unwrap_or(value);
        match Host::parse(name) {
            Ok(Host::Domain(normal)) if normal == name && !name.contains('*') => {
                Ok(Self(value.to_owned()))
            }
            _ => Err(invalid()),
        }
    }

    /// Whether `host` is the domain, or below one that says so.
    pub fn contains(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => host == self.0,
        }
    }

    /// The domain as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_and_wildcards_are_domains() {
        for value in [
            "claude.ai",
            "*.example.com",
            "localhost",
            "xn--bcher-kva.example",
        ] {
            assert_eq!(Domain::parse(value).unwrap().as_str(), value);
        }
        for value in [
            "",
            "*",
            "*.",
            "*.*.example",
            "a.*.example",
            "Claude.ai",
            "bücher.example",
            "https://claude.ai",
            "claude.ai/x",
            "claude.ai:443",
            "127.0.0.1",
            "a b",
        ] {
            assert_eq!(Domain::parse(value).unwrap_err().tag, "fqdn", "{value:?}");
        }
    }

    #[test]
    fn a_domain_is_itself_and_a_wildcard_what_is_below() {
        let (one, below) = (Domain::parse("claude.ai"), Domain::parse("*.claude.ai"));
        let (one, below) = (one.unwrap(), below.unwrap());
        assert!(one.contains("claude.ai") && below.contains("a.claude.ai"));
        assert!(below.contains("a.b.claude.ai"));
        for other in ["evilclaude.ai", "claude.ai.evil.example", "a.claude.ai"] {
            assert!(!one.contains(other), "{other}");
        }
        for other in [
            "claude.ai",
            ".claude.ai",
            "evilclaude.ai",
            "a.claude.ai.evil.example",
        ] {
            assert!(!below.contains(other), "{other}");
        }
    }
}
