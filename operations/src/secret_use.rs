//! When client secrets were last used: a stamp, at most hourly for each, so that nearly no request waits for one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chancery_projections::oauth2_app;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// Time between two stamps of one secret.
const INTERVAL: TimeDelta = TimeDelta::hours(1);

/// How many secrets are remembered; beyond it the memory starts afresh and stamps are written a little more often.
const REMEMBERED: usize = 16_384;

/// Which secrets this process has stamped lately. Clones share the memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecretUse(Arc<Mutex<HashMap<Uuid, DateTime<Utc>>>>);

impl SecretUse {
    /// Notes that a secret authenticated its app now. Losing a stamp loses nothing, so a failure is only logged.
    pub async fn note(&self, pool: &PgPool, secret_id: Uuid, now: DateTime<Utc>) {
        if !self.is_due(secret_id, now) {
            return;
        }
        if let Err(error) = oauth2_app::touch_secret(pool, secret_id, now).await {
            tracing::warn!(%error, %secret_id, "the use of a client secret was not stamped");
        }
    }

    fn is_due(&self, secret_id: Uuid, now: DateTime<Utc>) -> bool {
        let mut stamped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stamped
            .get(&secret_id)
            .is_some_and(|last| now - *last < INTERVAL)
        {
            return false;
        }
        if stamped.len() >= REMEMBERED {
            stamped.clear();
        }
        stamped.insert(secret_id, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_stamped_once_an_hour() {
        let uses = SecretUse::default();
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let secret_id = Uuid::from_u128(1);
        let due: Vec<_> = [0, 1, 59, 60, 61]
            .map(|minutes| uses.is_due(secret_id, start + TimeDelta::minutes(minutes)))
            .into();
        assert_eq!(due, [true, false, false, true, false]);
        assert!(uses.is_due(Uuid::from_u128(2), start));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let uses = SecretUse::default();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for number in 0..=REMEMBERED {
            uses.is_due(Uuid::from_u128(number as u128), now);
        }
        assert_eq!(uses.0.lock().unwrap().len(), 1);
    }
}
