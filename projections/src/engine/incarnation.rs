//! Which life of the database server a connection belongs to.
//!
//! Read models commit without waiting for the disk: a crash takes the last of their commits back, though not the log's. So
//! what a follower once committed is known to be there only on connections of the same life. A life is named by the row
//! of the unlogged table `incarnation` (migration 0011), which PostgreSQL empties when it recovers from a crash and when a
//! standby is promoted. No connection outlives the life it was made in.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

const INCARNATION: &str = include_str!("sql/incarnation.sql");
const BEGIN_INCARNATION: &str = include_str!("sql/begin_incarnation.sql");

/// A life of the database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Incarnation(Uuid);

impl Incarnation {
    /// The life that a connection belongs to.
    pub(super) async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        loop {
            let named = sqlx::query_scalar(INCARNATION)
                .fetch_optional(&mut *connection)
                .await?;
            if let Some(id) = named {
                return Ok(Self(id));
            }
            sqlx::query(BEGIN_INCARNATION)
                .execute(&mut *connection)
                .await?;
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Met {
    incarnation: Incarnation,
    at: Instant,
}

/// The latest life that any connection of this process was made in.
#[derive(Debug)]
pub(super) struct Latest(watch::Sender<Option<Met>>);

impl Latest {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// A new connection is of this life.
    pub(super) fn meet(&self, incarnation: Incarnation) {
        self.0.send_if_modified(|latest| {
            let is_new = latest.is_none_or(|met| met.incarnation != incarnation);
            if is_new {
                if latest.is_some() {
                    tracing::warn!("the database went down or was replaced; read models are held against the log before they answer");
                }
                *latest = Some(Met {
                    incarnation,
                    at: Instant::now(),
                });
            }
            is_new
        });
    }

    /// Whether it is the latest.
    pub(super) fn is(&self, incarnation: Incarnation) -> bool {
        self.0
            .borrow()
            .is_some_and(|met| met.incarnation == incarnation)
    }

    /// Whether a connection of this age may be of an earlier life.
    pub(super) fn is_younger_than(&self, age: Duration) -> bool {
        self.0.borrow().is_some_and(|met| met.at.elapsed() < age)
    }

    /// Waits until there is a later one than this.
    pub(super) async fn superseded(&self, incarnation: Incarnation) {
        // An error means that the engine is gone, and with it whoever waits here.
        let _ = self
            .0
            .subscribe()
            .wait_for(|latest| latest.is_some_and(|met| met.incarnation != incarnation))
            .await;
    }
}
