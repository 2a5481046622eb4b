//! One atomic append: what it was decided on, its events, and what they do to unique keys.

use std::hash::{DefaultHasher, Hash, Hasher};

use chancery_noun::UniqueKey;
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::canonical::{self, Content, check_text};
use crate::{CommandContext, EventMetadata, Position, RecordedEvent, Unrecordable};

/// Events to be recorded together or not at all.
#[derive(Debug)]
pub(crate) struct Append {
    pub id: Uuid,
    pub given_at: DateTime<Utc>,
    /// The history of the log it was decided on.
    pub history: u64,
    pub expected: Vec<Expected>,
    pub events: Vec<Draft>,
    pub keys: Vec<KeyChange>,
    /// Hashes of the streams and keys that it rests on; equal hashes of different ones cost a batch, no more.
    pub reads: Vec<u64>,
    /// Hashes of the streams and keys that it changes.
    pub writes: Vec<u64>,
    /// Of all its events, as it is recorded.
    pub metadata_text: String,
    metadata: EventMetadata,
}

/// A stream the append was decided on, and how far the stream had come.
#[derive(Debug)]
pub(crate) struct Expected {
    pub aggregate_type: String,
    pub aggregate_id: String,
    pub sequence: i64,
}

/// An event without its place and time.
#[derive(Debug)]
pub(crate) struct Draft {
    pub event: RecordedEvent,
    /// The payload, as it is recorded.
    pub payload: String,
    pub content: [u8; 32],
}

#[derive(Debug)]
pub(crate) struct KeyChange {
    pub aggregate_type: String,
    pub aggregate_id: String,
    pub change: UniqueKey,
}

impl Append {
    pub fn new(context: &CommandContext, history: u64) -> Result<Self, Unrecordable> {
        let metadata_text = canonical::text(&serde_json::to_value(&context.metadata)?)?;
        Ok(Self {
            id: context.append_id,
            given_at: context.now,
            history,
            expected: Vec::new(),
            events: Vec::new(),
            keys: Vec::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            metadata_text,
            metadata: context.metadata.clone(),
        })
    }

    /// Makes the append depend on a stream having come to `sequence`; 0: on it being new.
    pub fn expect(
        &mut self,
        aggregate_type: &str,
        aggregate_id: &str,
        sequence: i64,
    ) -> Result<(), Unrecordable> {
        check_text(aggregate_id)?;
        self.reads
            .push(touch(("stream", aggregate_type, aggregate_id)));
        self.expected.push(Expected {
            aggregate_type: aggregate_type.to_owned(),
            aggregate_id: aggregate_id.to_owned(),
            sequence,
        });
        Ok(())
    }

    /// Adds an event of an expected stream.
    pub fn push(
        &mut self,
        stream: (&str, &str),
        sequence: i64,
        event_type: String,
        event_version: String,
        payload: Value,
    ) -> Result<(), Unrecordable> {
        let (aggregate_type, aggregate_id) = stream;
        for text in [&event_type, &event_version] {
            check_text(text)?;
        }
        self.writes
            .push(touch(("stream", aggregate_type, aggregate_id)));
        let text = canonical::text(&payload)?;
        let content = Content {
            append_id: self.id,
            aggregate_type,
            aggregate_id,
            sequence,
            event_type: &event_type,
            event_version: &event_version,
            payload: &text,
            metadata: &self.metadata_text,
        }
        .digest();
        self.events.push(Draft {
            payload: text,
            content,
            event: RecordedEvent {
                position: Position::START,
                recorded_at: self.given_at,
                append_id: self.id,
                aggregate_type: aggregate_type.to_owned(),
                aggregate_id: aggregate_id.to_owned(),
                sequence,
                event_type,
                event_version,
                payload,
                metadata: self.metadata.clone(),
                hash: [0; 32],
            },
        });
        Ok(())
    }

    /// Its events of a stream.
    pub fn events_of(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
    ) -> impl Iterator<Item = &Draft> {
        self.events.iter().filter(move |draft| {
            draft.event.aggregate_type == aggregate_type && draft.event.aggregate_id == aggregate_id
        })
    }

    /// Adds what an event of a stream does to a unique key.
    pub fn change_key(
        &mut self,
        stream: (&str, &str),
        change: UniqueKey,
    ) -> Result<(), Unrecordable> {
        check_text(change.key())?;
        let touched = touch(("key", change.key()));
        match change {
            UniqueKey::Require(_) => self.reads.push(touched),
            UniqueKey::Take(_) | UniqueKey::Free(_) | UniqueKey::Seize(_) => {
                self.writes.push(touched);
            }
        }
        self.keys.push(KeyChange {
            aggregate_type: stream.0.to_owned(),
            aggregate_id: stream.1.to_owned(),
            change,
        });
        Ok(())
    }
}

fn touch(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
