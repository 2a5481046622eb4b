//! A sample of every event variant, with every optional field present.

pub mod identity;
pub mod oauth2;

use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Lists one sample of each variant. A variant without a sample does not compile.
macro_rules! samples {
    ($event:ident { $($variant:ident $fields:tt),+ $(,)? }) => {{
        let of_every_variant = |event: $event| match event {
            $(event @ $event::$variant { .. } => event,)+
        };
        [$($event::$variant $fields),+].into_iter().map(of_every_variant).collect()
    }};
}
pub(crate) use samples;

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x5eed_0000_0000_4000_8000_0000_0000_0000 + number)
}

pub fn hash(secret: &str) -> HashedSecret {
    HashedSecret::of(secret)
}

/// A time with microseconds, as PostgreSQL keeps them.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000 + seconds, 123_456_000).unwrap()
}
