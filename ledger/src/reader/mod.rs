//! Reading by position and by stream.

mod history;
mod picked;
mod search;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::persist::SerializedEvent;
use futures::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::canonical::StoredContent;
use crate::{
    EventMetadata, Ledger, Position, ReadError, RecordedEvent, StoredEvent, StreamTypes,
    strict_json,
};

const HEAD: &str = include_str!("../sql/head.sql");
const READ: &str = include_str!("../sql/read.sql");

/// Of events with so much JSON no more are read at once; as a tree they take several times as much.
const READ_BYTES: usize = 8 << 20;

pub use history::{Replay, ReplayError, Step};
pub use picked::{Stretch, read_stretches};
pub use search::EventFilter;

/// Reads, replays, verifies and exports a ledger. Needs a connection that may `SELECT` and nothing more. Cheap to clone.
#[derive(Clone)]
pub struct LedgerReader {
    pub(crate) pool: PgPool,
    pub(crate) types: Arc<StreamTypes>,
}

impl LedgerReader {
    /// A reader of the ledger in a migrated database. It may be the database of a running server, or a standby.
    pub fn new(pool: PgPool, types: StreamTypes) -> Self {
        Self {
            pool,
            types: Arc::new(types),
        }
    }

    /// The last position, as the database has it.
    pub async fn head(&self) -> Result<Position, ReadError> {
        Ok(read_head(&self.pool).await?)
    }

    /// Up to `limit` events after a position, in order, in their current versions; fewer where they are so large that
    /// memory would not be bounded. Only an empty answer means that there are no more.
    pub async fn read(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = sqlx::query(READ)
            .bind(after.0)
            .bind(limit)
            .fetch(&self.pool);
        let mut events = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            let (event, size) = current(&self.types, &row)?;
            events.push(Arc::new(event));
            bytes += size;
            if bytes >= READ_BYTES {
                break;
            }
        }
        Ok(events)
    }

    /// Up to `limit` events after a position exactly as stored.
    pub async fn read_raw(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = read_rows(&self.pool, after, limit).await?;
        rows.iter().map(stored).collect()
    }

    /// All events of a stream, in order, in their current versions. Empty: there is no such stream.
    pub async fn read_stream(
        &self,
        aggregate_type: &str,
        id: &str,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.read_stream_until(aggregate_type, id, Position(i64::MAX))
            .await
    }
}

impl Ledger {
    /// A reader of the same database.
    pub fn reader(&self) -> LedgerReader {
        LedgerReader {
            pool: self.0.pool.clone(),
            types: Arc::clone(&self.0.types),
        }
    }

    /// Up to `limit` events after a position, in order, in their current versions. From memory where all of them are
    /// recent appends of this process, else from the database. Only an empty answer means that there are no more.
    pub async fn read(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        let types = &self.0.types;
        if let Some(events) = self.0.recent.after(after, limit) {
            return events
                .into_iter()
                .map(|event| upcast_recent(types, event))
                .collect();
        }
        self.reader().read(after, limit).await
    }

    /// Up to `limit` events after a position exactly as stored, always from the database.
    pub async fn read_raw(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.reader().read_raw(after, limit).await
    }

    /// All events of a stream, in order, in their current versions. Empty: there is no such stream.
    pub async fn read_stream(
        &self,
        aggregate_type: &str,
        id: &str,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.reader().read_stream(aggregate_type, id).await
    }
}

pub(crate) async fn read_head(pool: &PgPool) -> Result<Position, sqlx::Error> {
    sqlx::query(HEAD)
        .fetch_one(pool)
        .await?
        .try_get("position")
        .map(Position)
}

/// Rows of `read.sql`: up to `limit` events after a position, in order.
pub(crate) async fn read_rows(
    pool: &PgPool,
    after: Position,
    limit: i64,
) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::query(READ)
        .bind(after.0)
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// A row of `read.sql` as it lies there, nothing parsed.
pub(crate) struct RawRow<'a> {
    pub position: Position,
    pub recorded_at: DateTime<Utc>,
    pub content: StoredContent<'a>,
    pub hash: &'a [u8],
}

pub(crate) fn raw(row: &PgRow) -> Result<RawRow<'_>, sqlx::Error> {
    Ok(RawRow {
        position: Position(row.try_get(0)?),
        recorded_at: row.try_get(1)?,
        content: StoredContent {
            append_id: row.try_get(2)?,
            aggregate_type: row.try_get(3)?,
            aggregate_id: row.try_get(4)?,
            sequence: row.try_get(5)?,
            event_type: row.try_get(6)?,
            event_version: row.try_get(7)?,
            payload: row.try_get(8)?,
            metadata: row.try_get(9)?,
        },
        hash: row.try_get(10)?,
    })
}

impl RawRow<'_> {
    fn malformed(&self, reason: String) -> ReadError {
        ReadError::Malformed {
            position: self.position,
            reason,
        }
    }

    fn json(&self, column: &str, text: &str) -> Result<serde_json::Value, ReadError> {
        strict_json::parse(text).map_err(|error| self.malformed(format!("{column}: {error}")))
    }

    fn hash(&self) -> Result<[u8; 32], ReadError> {
        let hash = self.hash.try_into();
        hash.map_err(|_| self.malformed("the hash is not 32 bytes long".to_owned()))
    }
}

pub(crate) fn stored(row: &PgRow) -> Result<StoredEvent, ReadError> {
    let raw = raw(row)?;
    let content = &raw.content;
    Ok(StoredEvent {
        position: raw.position,
        recorded_at: raw.recorded_at,
        append_id: content.append_id,
        aggregate_type: content.aggregate_type.to_owned(),
        aggregate_id: content.aggregate_id.to_owned(),
        sequence: content.sequence,
        event_type: content.event_type.to_owned(),
        event_version: content.event_version.to_owned(),
        payload: raw.json("payload", content.payload)?,
        metadata: raw.json("metadata", content.metadata)?,
        hash: raw.hash()?,
    })
}

/// The event of a row in its current version, and the bytes of its JSON. Like [`upcast`] of [`stored`], but it makes no
/// JSON tree of the metadata.
fn current(types: &StreamTypes, row: &PgRow) -> Result<(RecordedEvent, usize), ReadError> {
    let raw = raw(row)?;
    let content = &raw.content;
    let size = content.payload.len() + content.metadata.len();
    if types.is_outdated(
        content.aggregate_type,
        content.event_type,
        content.event_version,
    ) {
        return Ok((upcast(types, stored(row)?)?, size));
    }
    let event = RecordedEvent {
        position: raw.position,
        recorded_at: raw.recorded_at,
        append_id: content.append_id,
        aggregate_type: content.aggregate_type.to_owned(),
        aggregate_id: content.aggregate_id.to_owned(),
        sequence: content.sequence,
        event_type: content.event_type.to_owned(),
        event_version: content.event_version.to_owned(),
        payload: raw.json("payload", content.payload)?,
        metadata: serde_json::from_str(content.metadata)
            .map_err(|error| raw.malformed(format!("metadata: {error}")))?,
        hash: raw.hash()?,
    };
    Ok((event, size))
}

/// A stored event in its current version.
pub(crate) fn upcast(types: &StreamTypes, event: StoredEvent) -> Result<RecordedEvent, ReadError> {
    let position = event.position;
    let metadata: EventMetadata =
        serde::Deserialize::deserialize(&event.metadata).map_err(|error| {
            let error: serde_json::Error = error;
            ReadError::Malformed {
                position,
                reason: format!("metadata: {error}"),
            }
        })?;
    let mut recorded = RecordedEvent {
        position,
        recorded_at: event.recorded_at,
        append_id: event.append_id,
        aggregate_type: event.aggregate_type,
        aggregate_id: event.aggregate_id,
        sequence: event.sequence,
        event_type: event.event_type,
        event_version: event.event_version,
        payload: event.payload,
        metadata,
        hash: event.hash,
    };
    if is_outdated(types, &recorded) {
        bring_up_to_date(types, &mut recorded, event.metadata);
    }
    Ok(recorded)
}

fn upcast_recent(
    types: &StreamTypes,
    event: Arc<RecordedEvent>,
) -> Result<Arc<RecordedEvent>, ReadError> {
    if !is_outdated(types, &event) {
        return Ok(event);
    }
    let mut event = (*event).clone();
    let metadata = serde_json::to_value(&event.metadata).map_err(|error| ReadError::Malformed {
        position: event.position,
        reason: error.to_string(),
    })?;
    bring_up_to_date(types, &mut event, metadata);
    Ok(Arc::new(event))
}

fn is_outdated(types: &StreamTypes, event: &RecordedEvent) -> bool {
    types.is_outdated(
        &event.aggregate_type,
        &event.event_type,
        &event.event_version,
    )
}

fn bring_up_to_date(types: &StreamTypes, event: &mut RecordedEvent, metadata: serde_json::Value) {
    let upcast = types.upcast(SerializedEvent::new(
        std::mem::take(&mut event.aggregate_id),
        usize::try_from(event.sequence).unwrap_or_default(),
        std::mem::take(&mut event.aggregate_type),
        std::mem::take(&mut event.event_type),
        std::mem::take(&mut event.event_version),
        event.payload.take(),
        metadata,
    ));
    event.aggregate_id = upcast.aggregate_id;
    event.aggregate_type = upcast.aggregate_type;
    event.event_type = upcast.event_type;
    event.event_version = upcast.event_version;
    event.payload = upcast.payload;
}
