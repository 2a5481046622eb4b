//! Every read model as of a position, in a schema of its own that stays until it is dropped.

use std::sync::Arc;

use chancery_ledger::{LedgerReader, Position, ReadError, RecordedEvent};
use futures::TryStreamExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection};

use super::error::{ApplyError, event_name};
use super::pass::{self, Span};
use super::projection::{Projection, relevant};
use super::rebuild::{Meter, Progress};
use super::schema_name::SchemaName;
use super::{apply, connection, schema};

/// Events read and applied at once.
const BATCH: usize = 5000;

/// A replay of everything failed. The schema of that name is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplayAllError {
    /// There is a schema of that name.
    #[error("the schema {0} is there already: choose another name or replace it")]
    Exists(SchemaName),
    /// Another replay fills a schema of that name.
    #[error("another replay is filling the schema {0}")]
    Busy(SchemaName),
    /// An event cannot be applied.
    #[error("the event {event} at position {position} cannot be applied: {message}")]
    Event {
        /// Where it stands.
        position: Position,
        /// `<aggregate type>/<event type>`.
        event: String,
        /// Why.
        message: String,
    },
    /// The ledger could not be read.
    #[error("the ledger could not be read: {0}")]
    Read(#[from] ReadError),
    /// The database refused or was lost.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Fills a new schema with the tables of every projection as of a position. Returns how many tables there are. The schema
/// gets its name when it is complete; what a killed replay left is cleared by the next one of that name.
pub async fn replay_all(
    reader: &LedgerReader,
    options: &PgConnectOptions,
    name: &SchemaName,
    until: Position,
    replace: bool,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<usize, ReplayAllError> {
    let projections = crate::all();
    let mut main = connection::open(options, "public").await?;
    lock(&mut main, name).await?;
    if !replace && schema::exists(&mut main, name.as_str()).await? {
        return Err(ReplayAllError::Exists(name.clone()));
    }
    let partial = name.partial();
    schema::drop(&mut main, &partial).await?;
    schema::create_all(&mut main, &partial, &projections).await?;
    let filled = fill(
        reader,
        options,
        &partial,
        &projections,
        until,
        &mut progress,
    )
    .await;
    if let Err(error) = filled {
        schema::drop(&mut main, &partial).await?;
        return Err(error);
    }
    schema::end_bulk(&mut main, &partial).await?;
    if replace {
        schema::drop(&mut main, name.as_str()).await?;
    }
    let tables = schema::tables(&mut main, &partial).await?.len();
    schema::publish(&mut main, &partial, name.as_str(), until.0).await?;
    main.close().await?;
    Ok(tables)
}

async fn lock(connection: &mut PgConnection, name: &SchemaName) -> Result<(), ReplayAllError> {
    let locked: bool = sqlx::query_scalar(
        "SELECT pg_try_advisory_lock(hashtextextended('chancery replay ' || $1, 0))",
    )
    .bind(name.as_str())
    .fetch_one(connection)
    .await?;
    if locked {
        Ok(())
    } else {
        Err(ReplayAllError::Busy(name.clone()))
    }
}

/// A projection's tables being filled on a connection of their own.
struct Lane {
    projection: Arc<dyn Projection>,
    connection: PgConnection,
}

impl pass::Lane for Lane {
    type Error = ReplayAllError;

    async fn take(
        &mut self,
        batch: &[Arc<RecordedEvent>],
        _to: Position,
    ) -> Result<(), ReplayAllError> {
        apply(&*self.projection, &mut self.connection, batch).await
    }
}

/// Applies everything up to `until`.
async fn fill(
    reader: &LedgerReader,
    options: &PgConnectOptions,
    schema: &str,
    projections: &[Arc<dyn Projection>],
    until: Position,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<(), ReplayAllError> {
    let mut lanes = Vec::with_capacity(projections.len());
    for projection in projections {
        lanes.push(Lane {
            projection: Arc::clone(projection),
            connection: connection::open(options, schema).await?,
        });
    }
    let meter = Meter::start();
    let span = Span {
        after: Position::START,
        until,
        batch: BATCH,
    };
    let passed = pass::run(reader, lanes, span, |position| {
        progress(meter.at(position, until));
    })
    .await;
    if let Some(error) = passed.unread {
        return Err(error.into());
    }
    let mut lanes = Vec::with_capacity(passed.lanes.len());
    for (lane, failure) in passed.lanes {
        if let Some(error) = failure {
            return Err(error);
        }
        lanes.push(lane);
    }
    let indexing = lanes
        .iter_mut()
        .map(|lane| schema::index_on_two(&mut lane.connection, options, schema, &*lane.projection));
    futures::future::try_join_all(indexing).await?;
    for lane in lanes {
        lane.connection.close().await?;
    }
    Ok(())
}

async fn apply(
    projection: &dyn Projection,
    connection: &mut PgConnection,
    batch: &[Arc<RecordedEvent>],
) -> Result<(), ReplayAllError> {
    let events = relevant(projection, batch);
    if events.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    if apply::within(projection, &events, &mut transaction)
        .await
        .is_ok()
    {
        return Ok(transaction.commit().await?);
    }
    transaction.rollback().await?;
    // One by one, so that the event at fault can be named.
    for event in &events {
        let mut transaction = connection.begin().await?;
        let outcome =
            apply::within(projection, std::slice::from_ref(event), &mut transaction).await;
        if let Err(error) = outcome {
            return Err(match error {
                ApplyError::Database(error) if super::is_transient(&error) => error.into(),
                error => ReplayAllError::Event {
                    position: event.position,
                    event: event_name(event),
                    message: error.to_string(),
                },
            });
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// Tells of every row of the schema's tables, as JSON, table by table in an order that depends on their content alone;
/// then drops the schema. The inner error is `row`'s.
pub async fn dump_schema<E>(
    options: &PgConnectOptions,
    name: &SchemaName,
    mut row: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<Result<(), E>, sqlx::Error> {
    let mut connection = connection::open(options, "public").await?;
    let mut outcome = Ok(());
    for table in schema::tables(&mut connection, name.as_str()).await? {
        let query = schema::rows_as_json(name.as_str(), &table);
        let mut rows = sqlx::query_scalar::<_, String>(&query).fetch(&mut connection);
        while let Some(json) = rows.try_next().await? {
            outcome = row(&table, &json);
            if outcome.is_err() {
                break;
            }
        }
        drop(rows);
        if outcome.is_err() {
            break;
        }
    }
    connection.execute("SET lock_timeout = '10s'").await?;
    schema::drop(&mut connection, name.as_str()).await?;
    connection.close().await?;
    Ok(outcome)
}
