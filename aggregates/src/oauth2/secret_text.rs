//! The text of secrets and the hashes that stand for them (docs/contract/oauth2.md 6).
//!
//! Parsing hashes at once: what leaves this module holds the looked-up prefix and a hash, never the secret.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const SCHEME: &str = "coder";
/// Length of the prefix that finds a secret, and of an API key's id.
pub const PREFIX_LENGTH: usize = 10;
/// Length of the secret part of client secrets, codes and refresh tokens.
pub const SECRET_LENGTH: usize = 40;
/// Length of the secret part of an API key.
pub const API_KEY_SECRET_LENGTH: usize = 22;
const DISPLAY_LENGTH: usize = 6;

/// The SHA-256 of a secret of high entropy, as 64 lower-case hexadecimal digits. Equality takes constant time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HashedSecret(String);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hashed secret must be 64 lower-case hexadecimal digits")]
pub struct NotAHash;

impl HashedSecret {
    /// Hashes `secret`.
    pub fn of(secret: &str) -> Self {
        use fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(secret.as_bytes()) {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HashedSecret {
    type Error = NotAHash;

    fn try_from(text: String) -> Result<Self, NotAHash> {
        let hexadecimal = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == 64 && hexadecimal {
            Ok(Self(text))
        } else {
            Err(NotAHash)
        }
    }
}

impl From<HashedSecret> for String {
    fn from(hash: HashedSecret) -> Self {
        hash.0
    }
}

impl PartialEq for HashedSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for HashedSecret {}

/// The text is not a secret of the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is malformed")]
pub struct Malformed;

/// A presented client secret, authorization code or refresh token: `coder_<10 alnum>_<40 alnum>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixedSecret {
    /// The part that finds the secret: for codes and refresh tokens the grant's stream id.
    pub prefix: String,
    /// The hash of the secret part.
    pub hash: HashedSecret,
}

impl PrefixedSecret {
    /// Reads a presented text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut pieces = text.split('_');
        let (Some(SCHEME), Some(prefix), Some(secret), None) =
            (pieces.next(), pieces.next(), pieces.next(), pieces.next())
        else {
            return Err(Malformed);
        };
        if !is_alphanumeric(prefix, PREFIX_LENGTH) || !is_alphanumeric(secret, SECRET_LENGTH) {
            return Err(Malformed);
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            hash: HashedSecret::of(secret),
        })
    }

    /// The text to hand out for a new secret.
    pub fn text(prefix: &str, secret: &str) -> String {
        format!("{SCHEME}_{prefix}_{secret}")
    }
}

/// What may be shown of a client secret later: its last 6 characters.
pub fn display_secret(secret: &str) -> &str {
    let start = secret
        .char_indices()
        .rev()
        .nth(DISPLAY_LENGTH - 1)
        .map_or(0, |(index, _)| index);
    &secret[start..]
}

/// A presented API key: `<10 alnum>-<22 alnum>` (docs/contract/core.md 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedApiKey {
    /// The key's id: its stream id.
    pub id: String,
    /// The hash of the secret part.
    pub hash: HashedSecret,
}

impl PresentedApiKey {
    /// Reads a presented text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (id, secret) = text.split_once('-').ok_or(Malformed)?;
        if !is_alphanumeric(id, PREFIX_LENGTH) || !is_alphanumeric(secret, API_KEY_SECRET_LENGTH) {
            return Err(Malformed);
        }
        Ok(Self {
            id: id.to_owned(),
            hash: HashedSecret::of(secret),
        })
    }

    /// The text to hand out for a new key.
    pub fn text(id: &str, secret: &str) -> String {
        format!("{id}-{secret}")
    }
}

fn is_alphanumeric(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "abcdeABCDE";
    const SECRET: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_hash_is_the_sha_256_of_the_secret_in_lower_case_hex() {
        assert_eq!(
            HashedSecret::of("abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn only_64_lower_case_hexadecimal_digits_are_a_hash() {
        assert!(HashedSecret::try_from("a".repeat(64)).is_ok());
        for text in [
            "a".repeat(63),
            "a".repeat(65),
            "A".repeat(64),
            "g".repeat(64),
            SECRET.to_owned(),
        ] {
            assert_eq!(HashedSecret::try_from(text), Err(NotAHash));
        }
    }

    #[test]
    fn equal_secrets_have_equal_hashes_and_others_do_not() {
        assert_eq!(HashedSecret::of("a"), HashedSecret::of("a"));
        assert_ne!(HashedSecret::of("a"), HashedSecret::of("b"));
    }

    #[test]
    fn a_written_secret_is_read_back_as_its_prefix_and_hash() {
        let presented = PrefixedSecret::parse(&PrefixedSecret::text(PREFIX, SECRET)).unwrap();
        assert_eq!(
            presented,
            PrefixedSecret {
                prefix: PREFIX.to_owned(),
                hash: HashedSecret::of(SECRET)
            }
        );
    }

    #[test]
    fn secrets_of_another_form_are_malformed() {
        for text in [
            String::new(),
            format!("{PREFIX}_{SECRET}"),
            format!("_{PREFIX}_{SECRET}"),
            format!("1234_{PREFIX}_{SECRET}"),
            format!("Coder_{PREFIX}_{SECRET}"),
            format!("coder_{PREFIX}"),
            format!("coder_{PREFIX}_"),
            format!("coder__{SECRET}"),
            format!("coder_{SECRET}"),
            format!("coder_{PREFIX}_{SECRET}_"),
            format!("coder_{PREFIX}x_{SECRET}"),
            format!("coder_{PREFIX}_{SECRET}x"),
            format!("coder_{PREFIX}_{}\0", &SECRET[1..]),
            format!(" coder_{PREFIX}_{SECRET}"),
        ] {
            assert_eq!(PrefixedSecret::parse(&text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_written_api_key_is_read_back_as_its_id_and_hash() {
        let secret = &SECRET[..22];
        let presented = PresentedApiKey::parse(&PresentedApiKey::text(PREFIX, secret)).unwrap();
        assert_eq!(
            presented,
            PresentedApiKey {
                id: PREFIX.to_owned(),
                hash: HashedSecret::of(secret)
            }
        );
    }

    #[test]
    fn api_keys_of_another_form_are_malformed() {
        for text in [
            "",
            "-",
            "abcdeABCDE",
            "abcdeABCDE-",
            "abcdeABCDE-short",
            "a-0123456789012345678901",
        ] {
            assert_eq!(PresentedApiKey::parse(text), Err(Malformed), "{text:?}");
        }
        assert_eq!(
            PresentedApiKey::parse(&format!("{PREFIX}-{}-", &SECRET[..21])),
            Err(Malformed)
        );
    }

    #[test]
    fn six_characters_of_a_secret_are_shown() {
        assert_eq!(display_secret(SECRET), "456789");
        assert_eq!(display_secret("abc"), "abc");
    }
}
