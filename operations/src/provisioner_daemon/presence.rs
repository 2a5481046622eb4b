//! Which daemons have a session with this server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chancery_aggregates::provisioner_daemon::ProvisionerDaemonId;
use chancery_projections::provisioner_daemon;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// The daemons that are there. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presence(Arc<Mutex<Present>>);

#[derive(Debug, Default)]
struct Present {
    /// Sessions of each: for a moment, one that takes over and one that is taken over.
    sessions: HashMap<ProvisionerDaemonId, usize>,
    written_at: Option<DateTime<Utc>>,
}

/// While it lives, a daemon is there.
#[derive(Debug)]
pub(crate) struct Here(Presence, ProvisionerDaemonId);

impl Presence {
    /// Time between two stamps.
    const INTERVAL: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

    /// A daemon is there from now on.
    pub async fn enter(
        &self,
        pool: &PgPool,
        daemon_id: ProvisionerDaemonId,
        now: DateTime<Utc>,
    ) -> Result<Here, sqlx::Error> {
        provisioner_daemon::note_seen(pool, &[daemon_id], now).await?;
        *self.lock().sessions.entry(daemon_id).or_default() += 1;
        Ok(Here(self.clone(), daemon_id))
    }

    /// Stamps those that are there, where that is due.
    pub async fn flush(&self, pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let daemon_ids: Vec<ProvisionerDaemonId> = {
            let mut present = self.lock();
            let is_due = present
                .written_at
                .is_none_or(|at| now - at >= Self::INTERVAL);
            if !is_due || present.sessions.is_empty() {
                return Ok(());
            }
            present.written_at = Some(now);
            present.sessions.keys().copied().collect()
        };
        provisioner_daemon::note_seen(pool, &daemon_ids, now).await
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let Self(presence, daemon_id) = self;
        let mut present = presence.lock();
        if let Some(sessions) = present.sessions.get_mut(daemon_id) {
            *sessions -= 1;
            if *sessions == 0 {
                present.sessions.remove(daemon_id);
            }
        }
    }
}
