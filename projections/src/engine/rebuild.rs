//! Rebuilding a projection in a shadow schema while the live one serves.

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::{Ledger, Position, RecordedEvent};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::time::Instant;

use super::apply::{self, Failure, Slot};
use super::error::{RebuildError, event_name};
use super::projection::{Projection, ProjectionName, relevant};
use super::{checkpoint, connection, lock, schema, swap};

/// How near to the head a rebuild comes before it takes the live checkpoint row's lock for the rest.
const NEAR: i64 = 200;

/// How a rebuild is coming on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Applied up to here.
    pub position: Position,
    /// The ledger's last position.
    pub head: Position,
    /// Events of the ledger passed per second since the rebuild began.
    pub events_per_second: f64,
}

/// What a rebuild needs.
pub(super) struct Context {
    pub(super) projection: Arc<dyn Projection>,
    pub(super) ledger: Ledger,
    pub(super) options: PgConnectOptions,
    /// Events read and applied at once.
    pub(super) batch: usize,
}

/// A shadow schema being filled. Its connection holds the lock against a second one.
pub(super) struct Shadow<'a> {
    pub(super) context: &'a Context,
    pub(super) connection: PgConnection,
    pub(super) position: Position,
    started: Instant,
}

/// Rebuilds and swaps. Returns the position at the swap, and the old tables, which the caller has to remove. If it fails
/// or dies the live tables are as they were, and the next attempt starts over.
pub(super) async fn run(
    context: &Context,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<(Position, Remains), RebuildError> {
    let mut shadow = Shadow::prepare(context).await?;
    let outcome = async {
        shadow
            .catch_up(context.ledger.head(), &mut progress)
            .await?;
        schema::index(&mut shadow.connection, &*context.projection).await?;
        loop {
            let head = context.ledger.head();
            shadow.catch_up(head, &mut progress).await?;
            if context.ledger.head().0 - shadow.position.0 > NEAR {
                continue;
            }
            if let Some(position) = swap::swap(&mut shadow).await? {
                return Ok(position);
            }
        }
    }
    .await;
    match outcome {
        Ok(position) => {
            progress(shadow.progress());
            Ok((position, shadow.into_remains(schema::old)))
        }
        Err(error) => {
            shadow.discard().await;
            Err(error)
        }
    }
}

impl<'a> Shadow<'a> {
    /// Takes the lock, clears what a killed rebuild left, and makes the empty tables.
    pub(super) async fn prepare(context: &'a Context) -> Result<Self, RebuildError> {
        let name = context.projection.name();
        let schema = schema::shadow(name);
        let mut connection = connection::open(&context.options, &schema).await?;
        if checkpoint::live(&mut connection, name).await?.is_none() {
            return Err(RebuildError::NoTables(name));
        }
        if !lock::try_acquire(&mut connection, name).await? {
            return Err(RebuildError::AlreadyRunning(name));
        }
        schema::drop(&mut connection, &schema).await?;
        schema::drop(&mut connection, &schema::old(name)).await?;
        let mut transaction = connection.begin().await?;
        schema::create(&mut transaction, &schema, &*context.projection).await?;
        checkpoint::put_rebuild(
            &mut transaction,
            name,
            context.projection.version(),
            Position(0),
        )
        .await?;
        transaction.commit().await?;
        Ok(Self {
            context,
            connection,
            position: Position(0),
            started: Instant::now(),
        })
    }

    /// Applies everything up to and including `until`, reading the next batch while one is applied.
    pub(super) async fn catch_up(
        &mut self,
        until: Position,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<(), RebuildError> {
        let read = |after: Position| {
            let (ledger, limit) = (self.context.ledger.clone(), self.context.batch);
            tokio::spawn(async move { ledger.read(after, limit).await })
        };
        let mut next = (self.position < until).then(|| read(self.position));
        while let Some(reading) = next.take() {
            let mut batch = match reading.await {
                Ok(batch) => batch?,
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            };
            batch.truncate(batch.partition_point(|event| event.position <= until));
            let Some(last) = batch.last().map(|event| event.position) else {
                break;
            };
            next = (last < until).then(|| read(last));
            self.apply(&batch, last).await?;
            progress(self.progress());
        }
        Ok(())
    }

    async fn apply(
        &mut self,
        batch: &[Arc<RecordedEvent>],
        to: Position,
    ) -> Result<(), RebuildError> {
        let projection = &*self.context.projection;
        let events = relevant(projection, batch);
        match apply::batch(&mut self.connection, projection, Slot::Rebuild, &events, to).await {
            Ok(_) => {
                self.position = to;
                Ok(())
            }
            Err(Failure::Transient(error)) => Err(RebuildError::Database(match error {
                super::ApplyError::Database(error) => error,
                event @ super::ApplyError::Event { .. } => sqlx::Error::Protocol(event.to_string()),
            })),
            Err(Failure::Poison { event, message, .. }) => Err(RebuildError::Event {
                position: event.position,
                event: event_name(&event),
                message,
            }),
        }
    }

    fn progress(&self) -> Progress {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let passed = self.position.0 as f64;
        let seconds = self
            .started
            .elapsed()
            .max(Duration::from_millis(1))
            .as_secs_f64();
        Progress {
            position: self.position,
            head: self.context.ledger.head().max(self.position),
            events_per_second: passed / seconds,
        }
    }

    /// Removes the shadow schema and its row, and gives the lock back.
    pub(super) async fn discard(mut self) {
        let name = self.context.projection.name();
        if let Err(error) = checkpoint::remove_rebuild(&mut self.connection, name).await {
            tracing::warn!(projection = %name, %error, "the rebuild's row could not be removed");
        }
        self.into_remains(schema::shadow).remove().await;
    }

    fn into_remains(self, schema: fn(ProjectionName) -> String) -> Remains {
        let name = self.context.projection.name();
        Remains {
            connection: self.connection,
            name,
            schema: schema(name),
        }
    }
}

/// A schema that is no longer needed, and the session that holds the lock.
pub(super) struct Remains {
    connection: PgConnection,
    name: ProjectionName,
    schema: String,
}

impl Remains {
    /// Removes the schema as soon as no query reads it, and gives the lock back: the end of the session would do that,
    /// too, but only when the server notices. What cannot be removed now is removed by the next start or rebuild.
    pub(super) async fn remove(mut self) {
        let (name, schema) = (self.name, self.schema);
        if let Err(error) = schema::drop(&mut self.connection, &schema).await {
            tracing::warn!(projection = %name, %schema, %error, "unused tables could not be removed");
        }
        if let Err(error) = lock::release(&mut self.connection, name).await {
            tracing::debug!(projection = %name, %error, "the lock ends with the session");
        }
    }
}
