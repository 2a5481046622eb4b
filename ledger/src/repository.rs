//! The ledger as cqrs-es sees it.

use std::sync::Arc;

use cqrs_es::Aggregate;
use cqrs_es::persist::{
    PersistedEventRepository, PersistenceError, ReplayStream, SerializedEvent, SerializedSnapshot,
};
use postgres_es::PostgresEventRepository;
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::sequencer::{Append, Sequencer};
use crate::{AppendError, CommandContext, StreamTypes, snapshot};

const STREAM_PAGE: &str = include_str!("sql/stream_page.sql");
const TYPE_PAGE: &str = include_str!("sql/type_page.sql");
const PAGE: i64 = 500;

/// An implementation of cqrs-es's repository: reads like postgres-es, appends through the sequencer.
///
/// It differs from postgres-es where that one is at fault: events after a snapshot are asked for with a bound
/// sequence, not with another statement for each; replay streams page, go by global order, and end with an error
/// when the database fails instead of ending early; snapshots offered with events are not stored, because cqrs-es 0.5
/// applies the events to them twice ([`Ledger::execute`](crate::Ledger::execute) stores its own).
pub struct LedgerRepository {
    events: PostgresEventRepository,
    pool: PgPool,
    sequencer: Arc<Sequencer>,
    types: Arc<StreamTypes>,
    state_version: u32,
    context: CommandContext,
    /// The history of the log that its appends are decided on.
    history: u64,
}

impl LedgerRepository {
    pub(crate) fn new(
        pool: PgPool,
        sequencer: Arc<Sequencer>,
        types: Arc<StreamTypes>,
        state_version: u32,
        context: CommandContext,
    ) -> Self {
        Self {
            events: PostgresEventRepository::new(pool.clone()),
            pool,
            history: sequencer.history(),
            sequencer,
            types,
            state_version,
            context,
        }
    }

    fn build(&self, events: &[SerializedEvent]) -> Result<Append, AppendError> {
        let mut append = Append::new(&self.context, self.history)?;
        let mut stream: Option<(&str, &str)> = None;
        for event in events {
            let named = (event.aggregate_type.as_str(), event.aggregate_id.as_str());
            let sequence = i64::try_from(event.sequence).unwrap_or(i64::MAX);
            if stream != Some(named) {
                append.expect(named.0, named.1, sequence - 1)?;
                stream = Some(named);
            }
            let changes = self
                .types
                .keys(named.0, named.1, &event.payload)
                .map_err(crate::Unrecordable::from)?;
            for change in changes {
                append.change_key(named, change)?;
            }
            append.push(
                named,
                sequence,
                event.event_type.clone(),
                event.event_version.clone(),
                event.payload.clone(),
            )?;
        }
        Ok(append)
    }
}

impl PersistedEventRepository for LedgerRepository {
    async fn get_events<A: Aggregate>(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.events.get_events::<A>(aggregate_id).await
    }

    async fn get_last_events<A: Aggregate>(
        &self,
        aggregate_id: &str,
        last_sequence: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let after = i64::try_from(last_sequence).unwrap_or(i64::MAX);
        stream_page(&self.pool, A::TYPE, aggregate_id, after, i64::MAX)
            .await
            .map_err(connection_error)
    }

    async fn get_snapshot<A: Aggregate>(
        &self,
        aggregate_id: &str,
    ) -> Result<Option<SerializedSnapshot>, PersistenceError> {
        snapshot::find(&self.pool, A::TYPE, aggregate_id, self.state_version)
            .await
            .map_err(connection_error)
    }

    async fn persist<A: Aggregate>(
        &self,
        events: &[SerializedEvent],
        _snapshot_update: Option<(String, Value, usize)>,
    ) -> Result<(), PersistenceError> {
        if events.is_empty() {
            return Ok(());
        }
        let append = self.build(events).map_err(persistence_error)?;
        self.sequencer
            .append(append)
            .await
            .map_err(persistence_error)?;
        Ok(())
    }

    async fn stream_events<A: Aggregate>(
        &self,
        aggregate_id: &str,
    ) -> Result<ReplayStream, PersistenceError> {
        let (pool, aggregate_id) = (self.pool.clone(), aggregate_id.to_owned());
        let (mut feed, stream) = ReplayStream::new(usize::try_from(PAGE).unwrap_or(1));
        tokio::spawn(async move {
            let mut after = 0;
            loop {
                match stream_page(&pool, A::TYPE, &aggregate_id, after, PAGE).await {
                    Ok(page) if page.is_empty() => return,
                    Ok(page) => {
                        for event in page {
                            after = i64::try_from(event.sequence).unwrap_or(i64::MAX);
                            if feed.push(Ok(event)).await.is_err() {
                                return;
                            }
                        }
                    }
                    Err(error) => {
                        drop(feed.push(Err(connection_error(error))).await);
                        return;
                    }
                }
            }
        });
        Ok(stream)
    }

    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        let pool = self.pool.clone();
        let (mut feed, stream) = ReplayStream::new(usize::try_from(PAGE).unwrap_or(1));
        tokio::spawn(async move {
            let mut after = 0;
            loop {
                match type_page(&pool, A::TYPE, after).await {
                    Ok(page) if page.is_empty() => return,
                    Ok(page) => {
                        for (position, event) in page {
                            after = position;
                            if feed.push(Ok(event)).await.is_err() {
                                return;
                            }
                        }
                    }
                    Err(error) => {
                        drop(feed.push(Err(connection_error(error))).await);
                        return;
                    }
                }
            }
        });
        Ok(stream)
    }
}

async fn stream_page(
    pool: &PgPool,
    aggregate_type: &str,
    aggregate_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<SerializedEvent>, sqlx::Error> {
    let rows = sqlx::query(STREAM_PAGE)
        .bind(aggregate_type)
        .bind(aggregate_id)
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await?;
    rows.iter().map(serialized).collect()
}

async fn type_page(
    pool: &PgPool,
    aggregate_type: &str,
    after: i64,
) -> Result<Vec<(i64, SerializedEvent)>, sqlx::Error> {
    let rows = sqlx::query(TYPE_PAGE)
        .bind(aggregate_type)
        .bind(after)
        .bind(PAGE)
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("position")?, serialized(row)?)))
        .collect()
}

fn serialized(row: &PgRow) -> Result<SerializedEvent, sqlx::Error> {
    let sequence: i64 = row.try_get("sequence")?;
    Ok(SerializedEvent::new(
        row.try_get("aggregate_id")?,
        usize::try_from(sequence).unwrap_or_default(),
        row.try_get("aggregate_type")?,
        row.try_get("event_type")?,
        row.try_get("event_version")?,
        row.try_get("payload")?,
        row.try_get("metadata")?,
    ))
}

fn connection_error(error: sqlx::Error) -> PersistenceError {
    PersistenceError::ConnectionError(Box::new(error))
}

fn persistence_error(error: AppendError) -> PersistenceError {
    match error {
        AppendError::Conflict => PersistenceError::OptimisticLockError,
        error @ (AppendError::Unavailable(_) | AppendError::Overloaded) => {
            PersistenceError::ConnectionError(Box::new(error))
        }
        error => PersistenceError::UnknownError(Box::new(error)),
    }
}
