//! States of long streams: the table `audit_states`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use chancery_ledger::{ReadError, RecordedEvent, StreamTypes, Stretch, read_stretches};
use serde_json::Value;
use sqlx::{Executor, FromRow, PgConnection, Postgres};

use super::noun::{self, Saved};
use crate::copy::Rows;
use crate::{ApplyError, stream_types};

/// A stream's state is stored once in so many events. A page that shows events of many long streams reads half as many of each.
const EVERY: i64 = 200;

static TYPES: LazyLock<StreamTypes> = LazyLock::new(stream_types);

#[derive(FromRow)]
struct Row {
    index: i64,
    sequence: i64,
    state: Value,
    created_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// Stores the states that a batch makes due. Reads back, of the events that are recorded for good, those since the state before.
pub(super) async fn write(
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let mut rows = Rows::new(6);
    for event in events {
        let noun = noun::of(event)?;
        if !noun.grows || event.sequence % EVERY != 0 {
            continue;
        }
        // The state before may be one of this batch.
        std::mem::replace(&mut rows, Rows::new(6))
            .send(include_str!("sql/copy_states.sql"), connection)
            .await?;
        let stream = (event.aggregate_type.as_str(), event.aggregate_id.as_str());
        let mut before = before(&[(stream, event.sequence)], &mut *connection).await?;
        let mut thread = (noun.begin)();
        let mut after = 0;
        if let Some((sequence, saved)) = before.remove(&0) {
            thread
                .resume(saved)
                .map_err(|error| broken(event, &error))?;
            after = sequence;
        }
        let stretch = Stretch {
            aggregate_type: event.aggregate_type.clone(),
            aggregate_id: event.aggregate_id.clone(),
            after,
            until: event.position,
        };
        let since = read_stretches(connection, &TYPES, &[stretch]).await;
        for event in since.map_err(|error| unread(event, error))? {
            thread
                .apply(&event)
                .map_err(|error| ApplyError::decode(&event, &error))?;
        }
        let saved = thread.save().map_err(|error| broken(event, &error))?;
        rows.begin()
            .put(&event.aggregate_type)
            .put(&event.aggregate_id)
            .put(event.sequence)
            .put(saved.state.to_string())
            .put(saved.created_at)
            .put(saved.updated_at);
    }
    rows.send(include_str!("sql/copy_states.sql"), connection)
        .await?;
    Ok(())
}

fn broken(event: &RecordedEvent, error: &serde_json::Error) -> ApplyError {
    ApplyError::event(event, format!("the stream's state: {error}"))
}

fn unread(event: &RecordedEvent, error: ReadError) -> ApplyError {
    match error {
        ReadError::Database(error) => error.into(),
        error @ ReadError::Malformed { .. } => ApplyError::event(event, error.to_string()),
    }
}

/// Whether a state was stored before an event of this place in its stream.
pub(super) fn is_kept_before(sequence: i64) -> bool {
    sequence > EVERY
}

/// The last stored state of each of these streams before a place in it, and its own place; by index.
pub(super) async fn before(
    wanted: &[((&str, &str), i64)],
    executor: impl Executor<'_, Database = Postgres>,
) -> Result<HashMap<usize, (i64, Saved)>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let types: Vec<_> = wanted.iter().map(|((kind, _), _)| *kind).collect();
    let ids: Vec<_> = wanted.iter().map(|((_, id), _)| *id).collect();
    let sequences: Vec<_> = wanted.iter().map(|(_, sequence)| *sequence).collect();
    let rows: Vec<Row> = sqlx::query_as(include_str!("sql/find_states.sql"))
        .bind(types)
        .bind(ids)
        .bind(sequences)
        .fetch_all(executor)
        .await?;
    let found = rows.into_iter().filter_map(|row| {
        let saved = Saved {
            state: row.state,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Some((usize::try_from(row.index - 1).ok()?, (row.sequence, saved)))
    });
    Ok(found.collect())
}
