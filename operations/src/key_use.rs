//! Keys in use: when each was last used, and which sessions have been extended lately.
//!
//! Stamps are no events. They wait in memory and are written together, so a request never waits for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chancery_aggregates::user::UserId;
use chancery_projections::{api_key, user};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use sqlx::PgPool;

use crate::stamps::Stamps;

/// At most so many stamps wait for a database that does not take them. Losing one loses little.
const WAITING: usize = 65_536;
/// Of how many users it is remembered when they were last seen.
const SEEN: u64 = 65_536;
/// How long it is remembered: another server may have stamped a key.
const SEEN_FOR: Duration = Duration::from_secs(10);

/// Which keys have been used, and what is still to be written.
#[derive(Clone, Debug)]
pub struct KeyUse {
    stamped: Stamps<String>,
    extended: Stamps<String>,
    waiting: Arc<Mutex<Vec<api_key::KeyUse>>>,
    seen: Cache<UserId, Option<DateTime<Utc>>>,
}

impl Default for KeyUse {
    fn default() -> Self {
        Self {
            stamped: Stamps::default(),
            extended: Stamps::default(),
            waiting: Arc::default(),
            seen: Cache::builder()
                .max_capacity(SEEN)
                .time_to_live(SEEN_FOR)
                .build(),
        }
    }
}

impl KeyUse {
    /// Notes that a key is used, at most once an hour.
    pub fn used(&self, key_id: &str, user_id: UserId, now: DateTime<Utc>) {
        if self.stamped.is_due(key_id, now) {
            self.wait([api_key::KeyUse {
                key_id: key_id.to_owned(),
                user_id,
                used_at: now,
            }]);
        }
    }

    /// Whether a session may be extended now; true at most once an hour for each.
    pub fn may_extend(&self, key_id: &str, now: DateTime<Utc>) -> bool {
        self.extended.is_due(key_id, now)
    }

    /// Writes the stamps that wait. When that fails they wait on.
    pub async fn flush(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let stamps = std::mem::take(&mut *self.waiting());
        if stamps.is_empty() {
            return Ok(());
        }
        let written = api_key::note_uses(pool, &stamps).await;
        for stamp in &stamps {
            self.seen.invalidate(&stamp.user_id);
        }
        if written.is_err() {
            self.wait(stamps);
        }
        written
    }

    /// When a user was last seen, as lists of users show it; some seconds stale at most. None: never.
    pub async fn last_seen(
        &self,
        pool: &PgPool,
        user_id: UserId,
    ) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
        if let Some(seen) = self.seen.get(&user_id) {
            return Ok(seen);
        }
        let seen = user::last_seen(pool, user_id).await?;
        self.seen.insert(user_id, seen);
        Ok(seen)
    }

    fn wait(&self, stamps: impl IntoIterator<Item = api_key::KeyUse>) {
        let mut waiting = self.waiting();
        let room = WAITING.saturating_sub(waiting.len());
        waiting.extend(stamps.into_iter().take(room));
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<api_key::KeyUse>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_key_waits_to_be_stamped_once_an_hour() {
        let uses = KeyUse::default();
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for minutes in [0, 1, 59, 60, 61] {
            uses.used("a", UserId::default(), start + TimeDelta::minutes(minutes));
        }
        uses.used("b", UserId::default(), start);
        let waiting = uses.waiting().clone();
        let stamps: Vec<_> = waiting
            .into_iter()
            .map(|key_use| (key_use.key_id, key_use.used_at))
            .collect();
        let expected = [
            ("a".to_owned(), start),
            ("a".to_owned(), start + TimeDelta::minutes(60)),
            ("b".to_owned(), start),
        ];
        assert_eq!(stamps, expected);
    }
}
