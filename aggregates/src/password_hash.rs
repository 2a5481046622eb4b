//! The hash of a password, as the only form of a password that the domain takes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An Argon2id hash in PHC string form (`$argon2id$...`). `Debug` is redacted: passwords can be guessed from it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

/// The text is not an Argon2id PHC string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password hash must be an Argon2id PHC string")]
pub struct NotAPasswordHash;

impl PasswordHash {
    /// Takes a PHC string, so that a raw password is not recorded by mistake.
    pub fn from_phc(phc: String) -> Result<Self, NotAPasswordHash> {
        if phc.starts_with("$argon2id$") {
            Ok(Self(phc))
        } else {
            Err(NotAPasswordHash)
        }
    }

    /// The PHC string, for verification.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_argon2id_phc_string_is_a_password_hash() {
        let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";
        assert_eq!(
            PasswordHash::from_phc(phc.to_owned()).unwrap().as_str(),
            phc
        );
        assert_eq!(
            PasswordHash::from_phc("SomeSecurePassword!".to_owned()),
            Err(NotAPasswordHash)
        );
    }

    #[test]
    fn debug_never_prints_the_hash() {
        let hash = PasswordHash::from_phc("$argon2id$v=19$x".to_owned()).unwrap();
        assert_eq!(format!("{hash:?}"), "PasswordHash(..)");
    }
}
