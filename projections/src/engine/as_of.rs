//! Tables as they were at a position, for one question.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use chancery_ledger::RecordedEvent;
use sqlx::{Executor, PgConnection, PgPool, Postgres, Transaction};

use super::apply;
use super::error::ApplyError;
use super::projection::{Projection, relevant};

/// Tables of the past: the same queries that answer from the live ones answer from these, on this connection. They are
/// temporary and in a transaction that is never committed, so nothing of them stays.
pub struct AsOf {
    transaction: Transaction<'static, Postgres>,
}

impl AsOf {
    /// The tables of `projections` after `events`, which must be all that matter to the question, in order.
    pub async fn new(
        pool: &PgPool,
        projections: &[&dyn Projection],
        events: Vec<RecordedEvent>,
    ) -> Result<Self, ApplyError> {
        let mut transaction = pool.begin().await?;
        sqlx::query("SELECT set_config('search_path', 'pg_temp,public', true)")
            .execute(&mut *transaction)
            .await?;
        let events: Vec<Arc<RecordedEvent>> = events.into_iter().map(Arc::new).collect();
        for projection in projections {
            transaction
                .execute(sqlx::raw_sql(projection.tables()))
                .await?;
            let events = relevant(*projection, &events);
            apply::within(*projection, &events, &mut transaction).await?;
        }
        Ok(Self { transaction })
    }
}

impl Deref for AsOf {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for AsOf {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
