//! Raw secrets and new ones (contract core 3.1, oauth2 6). A raw secret lives in memory only: what is kept is its hash.

use std::fmt;
use std::str::FromStr;

use chancery_aggregates::oauth2::secret_text::{
    API_KEY_SECRET_LENGTH, HashedSecret, PREFIX_LENGTH, PrefixedSecret, PresentedApiKey,
    SECRET_LENGTH, display_secret,
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::randomness::Randomness;

/// A raw secret: a password, a token, a code. Printing it for debugging shows nothing, and it has no other printed form.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a raw secret.
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    /// The raw text. For hashing, comparing, and the one answer that shows it to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(raw))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// Whether two texts are equal, in time that depends on their lengths only.
pub fn equal(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// A random id of 10 alphanumeric characters: of an API key, an OAuth2 grant, a client secret.
pub fn short_id(randomness: &Randomness) -> String {
    randomness.alphanumeric(PREFIX_LENGTH)
}

/// A new API key or access token.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its id: its stream id.
    pub id: String,
    /// The text for its owner, shown once.
    pub text: Secret,
    /// What is kept.
    pub hash: HashedSecret,
}

impl NewApiKey {
    /// Draws one.
    pub fn generate(randomness: &Randomness) -> Self {
        let id = short_id(randomness);
        let secret = randomness.alphanumeric(API_KEY_SECRET_LENGTH);
        Self {
            text: Secret(PresentedApiKey::text(&id, &secret)),
            hash: HashedSecret::of(&secret),
            id,
        }
    }
}

/// A new client secret, authorization code or refresh token.
#[derive(Clone, Debug)]
pub struct NewPrefixedSecret {
    /// The part by which it is found.
    pub prefix: String,
    /// The text for its owner, shown once.
    pub text: Secret,
    /// What is kept.
    pub hash: HashedSecret,
    /// What may be shown of it later.
    pub display: String,
}

impl NewPrefixedSecret {
    /// Draws one under `prefix`: a new [`short_id`], or the grant's stream id for codes and refresh tokens.
    pub fn generate(prefix: impl Into<String>, randomness: &Randomness) -> Self {
        let prefix = prefix.into();
        let secret = randomness.alphanumeric(SECRET_LENGTH);
        Self {
            text: Secret(PrefixedSecret::text(&prefix, &secret)),
            hash: HashedSecret::of(&secret),
            display: display_secret(&secret).to_owned(),
            prefix,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
        let key = NewApiKey::generate(&Randomness);
        assert!(!format!("{key:?}").contains(key.text.expose()));
    }

    #[test]
    fn a_new_key_reads_back_to_its_id_and_hash() {
        let key = NewApiKey::generate(&Randomness);
        let read = PresentedApiKey::parse(key.text.expose()).unwrap();
        assert_eq!((read.id, read.hash), (key.id, key.hash));
    }

    #[test]
    fn a_new_prefixed_secret_reads_back_and_shows_its_end() {
        let secret = NewPrefixedSecret::generate("abcdefghij", &Randomness);
        let read = PrefixedSecret::parse(secret.text.expose()).unwrap();
        assert_eq!((read.prefix, read.hash), (secret.prefix, secret.hash));
        assert_eq!(secret.display.len(), 6);
        assert!(secret.text.expose().ends_with(&secret.display));
    }
}
