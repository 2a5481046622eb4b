//! From a row of `read.sql` to an event.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::persist::SerializedEvent;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::canonical::Content;
use crate::chain::Entry;
use crate::{EventMetadata, Position, ReadError, RecordedEvent, StoredEvent, StreamTypes};

/// A row of `read.sql` as it lies there, nothing parsed.
pub(crate) struct RawRow<'a> {
    pub position: Position,
    pub recorded_at: DateTime<Utc>,
    pub content: Content<'a>,
    pub hash: &'a [u8],
}

pub(crate) fn raw(row: &PgRow) -> Result<RawRow<'_>, sqlx::Error> {
    Ok(RawRow {
        position: Position(row.try_get(0)?),
        recorded_at: row.try_get(1)?,
        content: Content {
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
    pub fn malformed(&self, reason: String) -> ReadError {
        ReadError::Malformed {
            position: self.position,
            reason,
        }
    }

    fn json<T: DeserializeOwned>(&self, column: &str, text: &str) -> Result<T, ReadError> {
        serde_json::from_str(text).map_err(|error| self.malformed(format!("{column}: {error}")))
    }

    /// What the chain and the tree hold of it.
    pub fn entry(&self) -> Entry {
        Entry::new(self.position.0, self.recorded_at, &self.content.digest())
    }

    pub fn hash(&self) -> Result<[u8; 32], ReadError> {
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

/// The event of a row in its current version.
pub(crate) fn current(types: &StreamTypes, row: &PgRow) -> Result<RecordedEvent, ReadError> {
    sized(types, row).map(|(event, _)| event)
}

/// The event of a row in its current version, and the bytes of its JSON.
pub(super) fn sized(types: &StreamTypes, row: &PgRow) -> Result<(RecordedEvent, usize), ReadError> {
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
        metadata: raw.json("metadata", content.metadata)?,
        hash: raw.hash()?,
    };
    Ok((event, size))
}

/// A stored event in its current version.
pub(crate) fn upcast(types: &StreamTypes, event: StoredEvent) -> Result<RecordedEvent, ReadError> {
    let metadata: EventMetadata = parsed(event.position, "metadata", &event.metadata)?;
    let mut recorded = RecordedEvent {
        position: event.position,
        recorded_at: event.recorded_at,
        append_id: event.append_id,
        aggregate_type: event.aggregate_type,
        aggregate_id: event.aggregate_id,
        sequence: event.sequence,
        event_type: event.event_type,
        event_version: event.event_version,
        payload: parsed(event.position, "payload", &event.payload)?,
        metadata,
        hash: event.hash,
    };
    if is_outdated(types, &recorded) {
        let metadata = parsed(event.position, "metadata", &event.metadata)?;
        bring_up_to_date(types, &mut recorded, metadata);
    }
    Ok(recorded)
}

fn parsed<T: DeserializeOwned>(
    position: Position,
    column: &str,
    json: &RawValue,
) -> Result<T, ReadError> {
    serde_json::from_str(json.get()).map_err(|error| ReadError::Malformed {
        position,
        reason: format!("{column}: {error}"),
    })
}

pub(super) fn upcast_recent(
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
