//! Keys in use: when each was last used, and which sessions have been extended lately.
//!
//! A key that is used a thousand times a second is stamped once an hour. Stamps are no events; they wait in memory and are
//! written together, so a request never waits for one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chancery_projections::api_key;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// How many keys are remembered; beyond it the memory starts afresh and stamps are written a little more often.
const REMEMBERED: usize = 65_536;

/// Which keys have been used, and what is still to be written.
#[derive(Clone, Debug, Default)]
pub struct KeyUse(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    stamped: HashMap<String, DateTime<Utc>>,
    extended: HashMap<String, DateTime<Utc>>,
    pending: Vec<api_key::KeyUse>,
}

impl KeyUse {
    /// Notes that a key is used, at most once an hour.
    pub fn used(&self, key_id: &str, user_id: Uuid, now: DateTime<Utc>) {
        let mut memory = self.lock();
        if first_in_an_hour(&mut memory.stamped, key_id, now) {
            memory.pending.push(api_key::KeyUse {
                key_id: key_id.to_owned(),
                user_id,
                used_at: now,
            });
        }
    }

    /// Whether a session may be extended now; true at most once an hour for each.
    pub fn may_extend(&self, key_id: &str, now: DateTime<Utc>) -> bool {
        first_in_an_hour(&mut self.lock().extended, key_id, now)
    }

    /// Writes the stamps that wait. When that fails they wait on.
    pub async fn flush(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let pending = std::mem::take(&mut self.lock().pending);
        if pending.is_empty() {
            return Ok(());
        }
        let written = api_key::note_uses(pool, &pending).await;
        if written.is_err() {
            let mut memory = self.lock();
            if memory.pending.len() < REMEMBERED {
                memory.pending.extend(pending);
            }
        }
        written
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first_in_an_hour(
    seen: &mut HashMap<String, DateTime<Utc>>,
    key_id: &str,
    now: DateTime<Utc>,
) -> bool {
    if let Some(at) = seen.get_mut(key_id) {
        let due = now - *at >= Duration::hours(1);
        if due {
            *at = now;
        }
        return due;
    }
    if seen.len() >= REMEMBERED {
        seen.clear();
    }
    seen.insert(key_id.to_owned(), now);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_stamped_once_an_hour() {
        let uses = KeyUse::default();
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for minutes in [0, 1, 59, 60, 61] {
            uses.used("a", Uuid::nil(), start + Duration::minutes(minutes));
        }
        uses.used("b", Uuid::nil(), start);
        let pending = uses.lock().pending.clone();
        let stamps: Vec<_> = pending
            .into_iter()
            .map(|key_use| (key_use.key_id, key_use.used_at))
            .collect();
        let expected = [
            ("a".to_owned(), start),
            ("a".to_owned(), start + Duration::minutes(60)),
            ("b".to_owned(), start),
        ];
        assert_eq!(stamps, expected);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let uses = KeyUse::default();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for number in 0..=REMEMBERED {
            assert!(uses.may_extend(&number.to_string(), now));
        }
        assert_eq!(uses.lock().extended.len(), 1);
    }
}
