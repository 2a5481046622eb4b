//! Tables as they were at a position, for one question.

use std::sync::Arc;

use chancery_ledger::RecordedEvent;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgPool};

use super::projection::{Projection, relevant};
use super::{ApplyError, apply, connection};

/// Tables of the past. The same queries that answer from the live tables answer from these. They are temporary tables of
/// a session of their own: nothing of them stays when it ends.
pub struct AsOf {
    pool: PgPool,
}

impl AsOf {
    /// The tables of `projections` after `events`, which must be all that matter to the question, in order.
    pub async fn new(
        options: &PgConnectOptions,
        projections: &[&dyn Projection],
        events: Vec<RecordedEvent>,
    ) -> Result<Self, ApplyError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            // Another session would not have the tables.
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options.clone().application_name("chancery as of"))
            .await?;
        let mut connection = pool.acquire().await?;
        connection::set_search_path(&mut connection, "pg_temp,public").await?;
        let events: Vec<Arc<RecordedEvent>> = events.into_iter().map(Arc::new).collect();
        for projection in projections {
            connection
                .execute(sqlx::raw_sql(projection.tables()))
                .await?;
            let events = relevant(*projection, &events);
            apply::within(*projection, &events, &mut connection).await?;
        }
        drop(connection);
        Ok(Self { pool })
    }

    /// The one connection that sees these tables by their unqualified names.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Ends the session.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
