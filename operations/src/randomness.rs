//! The one place that draws random values. The generator is cryptographic (`ChaCha`, seeded by the system).

use chancery_aggregates::Id;
use chrono::{DateTime, Utc};
use rand::Rng;
use rand::distr::Alphanumeric;
use uuid::Uuid;

/// Draws ids and secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Randomness;

impl Randomness {
    /// A random (version 4) UUID.
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(generator().random()).into_uuid()
    }

    /// A UUID of version 7: it begins with the time, so that what is made together lies together.
    pub fn uuid_at(&self, now: DateTime<Utc>) -> Uuid {
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }

    /// The id of a new thing, random as [`uuid`](Self::uuid) is.
    pub fn id<N>(&self) -> Id<N> {
        Id::new(self.uuid())
    }

    /// The id of a new thing, which begins with the time as [`uuid_at`](Self::uuid_at) does.
    pub fn id_at<N>(&self, now: DateTime<Utc>) -> Id<N> {
        Id::new(self.uuid_at(now))
    }

    /// `length` characters of `[A-Za-z0-9]`, evenly distributed.
    pub fn alphanumeric(&self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        text.extend(
            generator()
                .sample_iter(Alphanumeric)
                .take(length)
                .map(char::from),
        );
        text
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        generator().fill(&mut bytes[..]);
        bytes
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where randomness enters the program"
)]
fn generator() -> rand::rngs::ThreadRng {
    rand::rng()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphanumeric_text_has_the_length_and_alphabet_asked_for() {
        let text = Randomness.alphanumeric(1000);
        assert_eq!(text.len(), 1000);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[test]
    fn uuids_with_a_time_are_version_7_sorted_by_it_and_differ() {
        let at = |text: &str| Randomness.uuid_at(text.parse().unwrap());
        let one = at("2026-01-02T03:04:05.678Z");
        let same = at("2026-01-02T03:04:05.678Z");
        let later = at("2026-01-02T03:04:05.679Z");
        assert_eq!(one.get_version_num(), 7);
        assert_ne!(one, same);
        assert!(one < later && same < later);
    }

    #[test]
    fn uuids_are_version_4_and_differ() {
        let (one, other) = (Randomness.uuid(), Randomness.uuid());
        assert_eq!(one.get_version_num(), 4);
        assert_ne!(one, other);
    }
}
