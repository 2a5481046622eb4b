//! What a question was answered at an earlier position.

use chancery_ledger::RecordedEvent;
use chancery_projections::{AsOf, Projection};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Services;
use crate::failure::Failure;

/// Each question about the past takes a database session of its own; so many at a time.
static SESSIONS: Semaphore = Semaphore::const_new(4);

/// What the position that is asked about is called in every question.
pub const AS_OF: &str = "as_of";

/// The tables of the past, for as long as a question needs them.
pub(crate) struct Past {
    tables: AsOf,
    _session: SemaphorePermit<'static>,
}

impl Past {
    /// The tables of `projections` after `events`.
    pub(crate) async fn new(
        services: &Services,
        projections: &[&dyn Projection],
        events: Vec<RecordedEvent>,
    ) -> Result<Self, Failure> {
        let session = SESSIONS
            .acquire()
            .await
            .map_err(|closed| Failure::Unavailable(closed.to_string()))?;
        let tables = services.read_models().as_of(projections, events).await?;
        Ok(Self {
            tables,
            _session: session,
        })
    }

    /// On which the usual queries answer from the past.
    pub(crate) fn pool(&self) -> &sqlx::PgPool {
        self.tables.pool()
    }
}
