//! Scope (RFC 6749 3.3).

/// The longest scope that is taken, in bytes (docs/contract/oauth2.md 11.1).
const MAX_LENGTH: usize = 4096;

/// A space separated list of scope tokens, kept as it was sent; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope(String);

/// The scope is too long or holds a character that RFC 6749 appendix A.4 does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The requested scope is malformed")]
pub struct InvalidScope;

impl Scope {
    /// Checks a scope.
    pub fn parse(value: &str) -> Result<Self, InvalidScope> {
        let allowed = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if value.len() > MAX_LENGTH || !value.bytes().all(allowed) {
            return Err(InvalidScope);
        }
        Ok(Self(value.to_owned()))
    }

    /// The scope as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_scope_tokens_are_accepted() {
        for value in ["", "all", "coder:all user:read", "a!#$[]~"] {
            assert_eq!(Scope::parse(value).unwrap().as_str(), value);
        }
    }

    #[test]
    fn other_characters_and_long_lists_are_refused() {
        for value in ["a\"b", "a\\b", "a\tb", "a\0", "ä", &"x".repeat(4097)] {
            assert_eq!(Scope::parse(value), Err(InvalidScope));
        }
    }
}
