//! What the tests share: an aggregate, and ledgers on a database of their own.

pub mod account;
pub mod foreign;
pub mod gate;
pub mod proxy;

use std::sync::atomic::{AtomicU32, Ordering};

use chancery_ledger::{CommandContext, EventMetadata, Ledger, LedgerConfig};
use chancery_postgres::testing::{TestDatabase, database};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

static CONTEXTS: AtomicU32 = AtomicU32::new(1);

/// A context like no other: time and ids go up by one with each.
pub fn context() -> CommandContext {
    let number = CONTEXTS.fetch_add(1, Ordering::Relaxed);
    CommandContext {
        metadata: EventMetadata {
            actor_kind: Some("test".to_owned()),
            request_id: Some(format!("request-{number}")),
            ..EventMetadata::default()
        },
        now: time(number),
        append_id: Uuid::from_u128(u128::from(number)),
    }
}

/// A context of a given time.
pub fn context_at(now: DateTime<Utc>) -> CommandContext {
    CommandContext { now, ..context() }
}

/// So many milliseconds into 2026.
pub fn time(milliseconds: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
        + TimeDelta::seconds(1_767_225_600)
        + TimeDelta::milliseconds(milliseconds.into())
}

/// A migrated database of the test's own.
pub struct World {
    pub database: TestDatabase,
    pub pool: PgPool,
}

impl World {
    pub async fn new() -> Self {
        let database = database().await;
        let pool = pool(database.options());
        Ledger::migrate(&pool).await.unwrap();
        Self { database, pool }
    }

    pub async fn ledger(&self) -> Ledger {
        self.ledger_with(LedgerConfig::default()).await
    }

    pub async fn ledger_with(&self, config: LedgerConfig) -> Ledger {
        Ledger::open(
            self.database.options(),
            self.pool.clone(),
            account::types(),
            config,
        )
        .await
        .unwrap()
    }
}

pub fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(8)
        .connect_lazy_with(options)
}

/// Positions of all events, in commit order as the table has it.
pub async fn positions(pool: &PgPool) -> Vec<i64> {
    sqlx::query_scalar("SELECT position FROM events ORDER BY position")
        .fetch_all(pool)
        .await
        .unwrap()
}
