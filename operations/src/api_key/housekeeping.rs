//! What would otherwise pile up: keys that expired long ago, and stamps of keys that are no more.
//!
//! An expired key is refused by its time alone, without an event. A week later it is deleted by the server itself, with an
//! event as for any other deletion, so that read models hold no dead keys, token names become free, and a change of the
//! password has few keys to end.

use chancery_aggregates::api_key::{ApiKey, Command};
use chancery_projections::{api_key, registry};
use chrono::TimeDelta;

use crate::failure::Failure;
use crate::{Services, tidying};

/// How long an expired key stays in lists.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// Most keys that are deleted in one append: others wait for it.
const KEYS_AT_ONCE: i64 = 100;
/// Most appends in one round.
const APPENDS: usize = 20;
/// Most stamps that are looked at in one round.
const STAMPS_AT_ONCE: i64 = 1000;
/// A stamp younger than this may be of a key that a read model does not show yet.
const STAMP_KEPT: TimeDelta = TimeDelta::days(1);

/// One who tidies round by round.
#[derive(Debug, Default)]
pub struct Housekeeper {
    /// The last key whose stamp was looked at.
    looked_at: String,
}

impl Housekeeper {
    /// One round: deletes keys that expired more than [`KEPT`] ago, then forgets some of the stamps of keys that are no more.
    pub async fn tidy(&mut self, services: &Services) -> Result<(), Failure> {
        let (pool, now) = (services.pool(), services.clock().now());
        let before = now - KEPT;
        for _ in 0..APPENDS {
            let ids = registry::ended::<ApiKey>(pool, before, KEYS_AT_ONCE).await?;
            let clear = Command::ClearApiKey {
                expired_before: before,
            };
            if !tidying::clear::<ApiKey>(services, &ids, clear).await? {
                break;
            }
        }
        let before = now - STAMP_KEPT;
        let looked_at = api_key::forget_uses(pool, &self.looked_at, before, STAMPS_AT_ONCE).await?;
        self.looked_at = looked_at.unwrap_or_default();
        Ok(())
    }
}
