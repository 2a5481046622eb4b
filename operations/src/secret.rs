//! Raw secrets and new ones (docs/contract/core.md 3.1, oauth2 6). A raw secret lives in memory only, which is wiped after it: what is
//! kept is its hash.

use chancery_aggregates::oauth2::secret_text::{
    API_KEY_SECRET_LENGTH, HashedSecret, PREFIX_LENGTH, PrefixedSecret, PresentedApiKey,
    SECRET_LENGTH, display_secret,
};
use chrono::{DateTime, Utc};
pub use secrecy::{ExposeSecret, SecretString as Secret};
use serde::Serializer;
use subtle::ConstantTimeEq;

use crate::randomness::Randomness;

const TIME_LENGTH: usize = 4;

/// Writes a secret into an answer: the one that shows it to its owner. Nothing else serialises one.
pub fn show<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Whether two texts are equal, in time that depends on their lengths only.
pub fn equal(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// A new id of 10 alphanumeric characters: of an API key, an OAuth2 grant, a client secret. The first four tell when it was
/// drawn, in steps of 64 ms that begin anew every eleven days, so that what is made together lies together.
pub fn short_id(randomness: &Randomness, now: DateTime<Utc>) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut step = now.timestamp_millis().rem_euclid(64 * 62_i64.pow(4)) / 64;
    let mut time = [0; TIME_LENGTH];
    for digit in time.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(step % 62).unwrap_or_default()];
        step /= 62;
    }
    let time = time.into_iter().map(char::from);
    let random = randomness.alphanumeric(PREFIX_LENGTH - TIME_LENGTH);
    time.chain(random.chars()).collect()
}

/// A new API key or access token.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its id: that of its stream, which for an access token is the grant's.
    pub id: String,
    /// The text for its owner, shown once.
    pub text: Secret,
    /// What is kept.
    pub hash: HashedSecret,
}

impl NewApiKey {
    /// Draws one under `id`: a new [`short_id`], or the grant's for an access token.
    pub fn generate(id: impl Into<String>, randomness: &Randomness) -> Self {
        let id = id.into();
        let secret = randomness.alphanumeric(API_KEY_SECRET_LENGTH);
        Self {
            text: PresentedApiKey::text(&id, &secret).into(),
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
            text: PrefixedSecret::text(&prefix, &secret).into(),
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
        let key = NewApiKey::generate("abcdefghij", &Randomness);
        assert!(!format!("{key:?}").contains(key.text.expose_secret()));
    }

    #[test]
    fn ids_that_are_drawn_later_lie_later_and_differ_within_one_step() {
        let at = |seconds: i64| DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap();
        let ids: Vec<String> = (0..50).map(|n| short_id(&Randomness, at(n))).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == PREFIX_LENGTH));
        assert_ne!(short_id(&Randomness, at(0)), short_id(&Randomness, at(0)));
    }

    #[test]
    fn a_new_key_reads_back_to_its_id_and_hash() {
        let key = NewApiKey::generate("abcdefghij", &Randomness);
        let read = PresentedApiKey::parse(key.text.expose_secret()).unwrap();
        assert_eq!((read.id, read.hash), (key.id, key.hash));
    }

    #[test]
    fn a_new_prefixed_secret_reads_back_and_shows_its_end() {
        let secret = NewPrefixedSecret::generate("abcdefghij", &Randomness);
        let read = PrefixedSecret::parse(secret.text.expose_secret()).unwrap();
        assert_eq!((read.prefix, read.hash), (secret.prefix, secret.hash));
        assert_eq!(secret.display.len(), 6);
        assert!(secret.text.expose_secret().ends_with(&secret.display));
    }
}
