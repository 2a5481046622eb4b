//! The appender's connection.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Connection, PgConnection, Row};
use tokio::time::timeout;
use uuid::Uuid;

use super::append::Append;
use super::batch::{self, Outcome};
use super::plan::Plan;
use super::swap;
use crate::recent::Recent;
use crate::{LedgerConfig, OpenError, notify};

const SESSION: &str = include_str!("../sql/session.sql");
const END_SESSION: &str = include_str!("../sql/end_session.sql");
const AWAIT_SESSION_END: &str = include_str!("../sql/await_session_end.sql");
const READ_BACK: &str = include_str!("../sql/read_back.sql");
const AWAIT_DURABILITY: &str = include_str!("../sql/await_durability.sql");

/// The settings of an appender's session: one that stalls, or whose client is gone, must not keep the ledger's lock.
///
/// The planner settings keep the append's cached plans on the indexes: a plan made while the tables were small must
/// not scan them when they are large.
pub fn appender_options(options: PgConnectOptions, config: &LedgerConfig) -> PgConnectOptions {
    options.application_name(&config.application_name).options([
        ("statement_timeout", milliseconds(config.statement_timeout)),
        ("lock_timeout", milliseconds(config.lock_timeout)),
        (
            "idle_in_transaction_session_timeout",
            milliseconds(config.idle_in_transaction_timeout),
        ),
        ("tcp_keepalives_idle", "5".to_owned()),
        ("tcp_keepalives_interval", "2".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
        (
            "default_transaction_isolation",
            "read\\ committed".to_owned(),
        ),
        ("plan_cache_mode", "force_generic_plan".to_owned()),
        ("enable_seqscan", "off".to_owned()),
        ("enable_hashjoin", "off".to_owned()),
        ("enable_mergejoin", "off".to_owned()),
        ("enable_bitmapscan", "off".to_owned()),
        ("jit", "off".to_owned()),
    ])
}

fn milliseconds(duration: Duration) -> String {
    duration.as_millis().max(1).to_string()
}

pub(super) struct Session {
    connection: PgConnection,
    /// Names the advisory lock this session holds.
    pub id: i32,
    call_timeout: Duration,
}

/// What became of a call.
pub(super) enum CallError {
    /// It did not happen, and the same session may try again.
    RolledBack(sqlx::Error),
    /// Nobody knows.
    Lost(String),
}

impl Session {
    pub async fn open(
        options: &PgConnectOptions,
        config: &LedgerConfig,
        recent: &Recent,
    ) -> Result<Self, OpenError> {
        let opening = async {
            let mut connection = PgConnection::connect_with(options).await?;
            let id = sqlx::query(SESSION)
                .fetch_one(&mut connection)
                .await?
                .try_get("id")?;
            // Before anything is appended: this may be another database than the one remembered.
            notify::confirm(&mut connection, recent).await?;
            Ok(Self {
                connection,
                id,
                call_timeout: config.statement_timeout + config.connect_timeout,
            })
        };
        timeout(config.connect_timeout, opening)
            .await
            .map_err(|_| OpenError::ConnectTimeout)?
    }

    /// One round trip: appends the batch, or fails as a whole.
    pub async fn append(&mut self, batch: &[&Append]) -> Result<Vec<Outcome>, CallError> {
        called(timeout(self.call_timeout, batch::call(&mut self.connection, batch)).await)
    }

    /// One round trip: makes the plan's appends if the head is the one it was made on; tells whether it was.
    pub async fn append_if_head(
        &mut self,
        batch: &[&Append],
        plan: &Plan,
    ) -> Result<bool, CallError> {
        let calling = swap::call(&mut self.connection, batch, plan);
        called(timeout(self.call_timeout, calling).await)
    }

    /// Waits until everything that was visible is as durable as what is committed: where commits wait for a standby, until it
    /// has that too.
    pub async fn await_durability(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query(AWAIT_DURABILITY)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Ends an earlier session and waits until it is over: from then on, what it committed is visible, and nothing
    /// more will come of it.
    pub async fn supersede(&mut self, session: i32) -> Result<(), sqlx::Error> {
        sqlx::query(END_SESSION)
            .bind(session)
            .fetch_one(&mut self.connection)
            .await?;
        sqlx::query(AWAIT_SESSION_END)
            .bind(session)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// The events after `after` recorded by these appends.
    pub async fn read_back(
        &mut self,
        after: i64,
        appends: &[Uuid],
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        sqlx::query(READ_BACK)
            .bind(after)
            .bind(appends)
            .fetch_all(&mut self.connection)
            .await
    }

    pub async fn close(self) {
        if let Err(error) = timeout(self.call_timeout, self.connection.close()).await {
            tracing::debug!(%error, "the appender's connection did not close in time");
        }
    }
}

fn called<T>(
    outcome: Result<Result<T, sqlx::Error>, tokio::time::error::Elapsed>,
) -> Result<T, CallError> {
    match outcome {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if is_rollback(&error) => Err(CallError::RolledBack(error)),
        Ok(Err(error)) => Err(CallError::Lost(error.to_string())),
        Err(_) => Err(CallError::Lost("no answer in time".to_owned())),
    }
}

/// Whether the error proves that the transaction was rolled back: an ordinary error does. A fatal one may have come
/// after the commit, and anything else says nothing about the transaction.
fn is_rollback(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error
            .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
            .is_some_and(|error| error.severity() == sqlx::postgres::PgSeverity::Error),
        // Refused on this side, before anything was sent.
        sqlx::Error::Encode(_) => true,
        _ => false,
    }
}
