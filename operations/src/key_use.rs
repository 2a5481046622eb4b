//! Keys in use: when each was last used, and which sessions have been extended lately.
//!
//! Stamps are no events. They wait in memory and are written together, so a request never waits for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chancery_projections::api_key;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::stamps::Stamps;

/// At most so many stamps wait for a database that does not take them. Losing one loses little.
const WAITING: usize = 65_536;

/// Which keys have been used, and what is still to be written.
#[derive(Clone, Debug, Default)]
pub struct KeyUse {
    stamped: Stamps<String>,
    extended: Stamps<String>,
    waiting: Arc<Mutex<Vec<api_key::KeyUse>>>,
}

impl KeyUse {
    /// Notes that a key is used, at most once an hour.
    pub fn used(&self, key_id: &str, user_id: Uuid, now: DateTime<Utc>) {
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
        if written.is_err() {
            self.wait(stamps);
        }
        written
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
            uses.used("a", Uuid::nil(), start + TimeDelta::minutes(minutes));
        }
        uses.used("b", Uuid::nil(), start);
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
