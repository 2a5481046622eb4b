//! A shadow schema being filled beside the live one.

use std::sync::Arc;

use chancery_ledger::{Ledger, Point, Position, RecordedEvent};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::apply::{self, Failure, Slot};
use super::error::{ApplyError, RebuildError, event_name};
use super::pass::{self, Lane, Span};
use super::projection::{Projection, ProjectionName, relevant};
use super::{checkpoint, connection, lock, schema};

/// What a rebuild or a verification needs.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) projection: Arc<dyn Projection>,
    pub(super) ledger: Ledger,
    pub(super) options: PgConnectOptions,
    /// Events read and applied at once.
    pub(super) batch: usize,
}

/// A shadow schema being filled. Its connection holds the lock against a second one.
pub(super) struct Shadow {
    pub(super) context: Context,
    pub(super) connection: PgConnection,
    /// As far as its tables reflect the log.
    pub(super) point: Point,
}

/// A shadow, or why it is one no longer.
pub(super) type Filled = (ProjectionName, Result<Shadow, RebuildError>);

/// Makes a shadow of each, all or none.
pub(super) async fn prepare(contexts: Vec<Context>) -> Result<Vec<Shadow>, RebuildError> {
    let mut shadows = Vec::with_capacity(contexts.len());
    for context in contexts {
        match Shadow::prepare(context).await {
            Ok(shadow) => shadows.push(shadow),
            Err(error) => {
                for shadow in shadows {
                    Shadow::discard(shadow).await;
                }
                return Err(error);
            }
        }
    }
    Ok(shadows)
}

/// Fills new shadows from the start of the log up to `until`, in one pass. Those that fail are discarded.
pub(super) async fn fill(
    shadows: Vec<Shadow>,
    until: Position,
    progress: impl FnMut(Position) + Send,
) -> Vec<Filled> {
    let Some(context) = shadows.first().map(|shadow| shadow.context.clone()) else {
        return Vec::new();
    };
    let span = Span {
        after: Position::START,
        until,
        batch: context.batch,
    };
    let passed = pass::run(&context.ledger.reader(), shadows, span, progress).await;
    let unread = passed.unread.map(Arc::new);
    let mut filled = Vec::with_capacity(passed.lanes.len());
    for (shadow, failure) in passed.lanes {
        let name = shadow.context.projection.name();
        let failure = failure.or_else(|| unread.clone().map(RebuildError::Read));
        filled.push((
            name,
            match failure {
                None => Ok(shadow),
                Some(error) => {
                    shadow.discard().await;
                    Err(error)
                }
            },
        ));
    }
    filled
}

impl Lane for Shadow {
    type Error = RebuildError;

    async fn take(
        &mut self,
        batch: &[Arc<RecordedEvent>],
        _to: Position,
    ) -> Result<(), RebuildError> {
        self.apply(batch).await
    }
}

impl Shadow {
    /// Takes the lock, clears what a killed rebuild left, and makes the empty tables.
    async fn prepare(context: Context) -> Result<Self, RebuildError> {
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
        schema::create_shadow(&mut transaction, &schema, &*context.projection).await?;
        checkpoint::put_rebuild(
            &mut transaction,
            name,
            context.projection.version(),
            Point::START,
        )
        .await?;
        transaction.commit().await?;
        Ok(Self {
            context,
            connection,
            point: Point::START,
        })
    }

    /// Applies what came since, up to and including `until`.
    pub(super) async fn catch_up(&mut self, until: Position) -> Result<(), RebuildError> {
        while self.point.position < until {
            let ledger = &self.context.ledger;
            let mut batch = ledger.read(self.point.position, self.context.batch).await?;
            batch.truncate(batch.partition_point(|event| event.position <= until));
            if batch.is_empty() {
                break;
            }
            self.apply(&batch).await?;
        }
        Ok(())
    }

    async fn apply(&mut self, batch: &[Arc<RecordedEvent>]) -> Result<(), RebuildError> {
        let Some(to) = batch.last().map(|event| event.point()) else {
            return Ok(());
        };
        let projection = &*self.context.projection;
        let events = relevant(projection, batch);
        match apply::batch(&mut self.connection, projection, Slot::Rebuild, &events, to).await {
            Ok(_) => {
                self.point = to;
                Ok(())
            }
            Err(Failure::Transient(error)) => Err(RebuildError::Database(match error {
                ApplyError::Database(error) => error,
                event @ ApplyError::Event { .. } => sqlx::Error::Protocol(event.to_string()),
            })),
            Err(Failure::Poison { event, message, .. }) => Err(RebuildError::Event {
                position: event.position,
                event: event_name(&event),
                message,
            }),
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

    pub(super) fn into_remains(self, schema: fn(ProjectionName) -> String) -> Remains {
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
