use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::canonical::Content;
use crate::chain::Entry;
use crate::{EventMetadata, Point, Position};

/// An event as it is known after reading: brought to its current version by its type's upcasters.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    /// Place in the ledger.
    pub position: Position,
    /// Time of the append, in microseconds' resolution.
    pub recorded_at: DateTime<Utc>,
    /// The append it was recorded by.
    pub append_id: Uuid,
    /// Kind of its stream.
    pub aggregate_type: String,
    /// Name of its stream.
    pub aggregate_id: String,
    /// Place in its stream, 1-based.
    pub sequence: i64,
    /// What happened, in snake case.
    pub event_type: String,
    /// Version of the payload's shape.
    pub event_version: String,
    /// The event itself.
    pub payload: Value,
    /// Who, from where, in which request.
    pub metadata: EventMetadata,
    /// Its link of the hash chain.
    pub hash: [u8; 32],
}

impl RecordedEvent {
    /// Where it stands, and in which history.
    pub fn point(&self) -> Point {
        Point {
            position: self.position,
            hash: self.hash,
        }
    }

    /// The payload as a typed event.
    pub fn decode<E: DeserializeOwned>(&self) -> Result<E, DecodeError> {
        E::deserialize(&self.payload).map_err(|source| DecodeError {
            position: self.position,
            event_type: self.event_type.clone(),
            source,
        })
    }
}

/// An event's payload does not have the shape its reader knows.
#[derive(Debug, thiserror::Error)]
#[error("event {event_type} at position {position} cannot be decoded")]
pub struct DecodeError {
    /// Where the event is.
    pub position: Position,
    /// What it claims to be.
    pub event_type: String,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

/// An event exactly as stored: nothing upcast, nothing left out, no byte of its JSON touched. For verification and export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Place in the ledger.
    pub position: Position,
    /// Time of the append, in microseconds' resolution.
    pub recorded_at: DateTime<Utc>,
    /// The append it was recorded by.
    pub append_id: Uuid,
    /// Kind of its stream.
    pub aggregate_type: String,
    /// Name of its stream.
    pub aggregate_id: String,
    /// Place in its stream, 1-based.
    pub sequence: i64,
    /// What happened, in snake case.
    pub event_type: String,
    /// Version of the payload's shape.
    pub event_version: String,
    /// The event itself.
    pub payload: Box<RawValue>,
    /// Who, from where, in which request: a flat object of strings.
    pub metadata: Box<RawValue>,
    /// Its link of the hash chain; lower-case hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
}

impl StoredEvent {
    /// SHA-256 of what the event says: `docs/ledger-format.md`.
    pub fn content_digest(&self) -> [u8; 32] {
        Content {
            append_id: self.append_id,
            aggregate_type: &self.aggregate_type,
            aggregate_id: &self.aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            payload: self.payload.get(),
            metadata: self.metadata.get(),
        }
        .digest()
    }

    /// What the chain and the tree hold of it.
    pub(crate) fn entry(&self) -> Entry {
        Entry::new(self.position.0, self.recorded_at, &self.content_digest())
    }
}
