//! The nouns as the trail sees them, by the type of their streams.

use std::collections::HashMap;
use std::sync::LazyLock;

use chancery_aggregates::audit::{Audited, AuditedVisitor, Entry, Resource};
use chancery_aggregates::{Life, nouns};
use chancery_ledger::{DecodeError, Position, ReadError, RecordedEvent};
use chancery_noun::Folded;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ApplyError;
use crate::event::decode;

/// What the trail is told about a noun.
pub(super) struct ShownNoun {
    pub(super) aggregate_type: &'static str,
    pub(super) state_version: u32,
    pub(super) resources: &'static [&'static Resource],
    /// Whether its streams may become long.
    pub(super) grows: bool,
    /// What an event is to the trail.
    pub(super) entry: fn(&RecordedEvent) -> Result<Option<Entry>, ApplyError>,
    /// Whether an event ends the thing, whatever it was before.
    pub(super) ends: fn(&RecordedEvent) -> Result<bool, DecodeError>,
    /// The stream that a resource's id says by itself.
    pub(super) stream_of: fn(Uuid) -> Option<String>,
    /// The state before a stream's first event.
    pub(super) begin: fn() -> Box<dyn Thread>,
}

/// The nouns that leave entries.
pub(super) static NOUNS: LazyLock<HashMap<&'static str, ShownNoun>> = LazyLock::new(|| {
    let mut list = List(HashMap::new());
    nouns::visit_audited(&mut list);
    list.0
});

struct List(HashMap<&'static str, ShownNoun>);

impl AuditedVisitor for List {
    fn visit<N: Audited>(&mut self) {
        if N::RESOURCES.is_empty() {
            return;
        }
        let shown = ShownNoun {
            aggregate_type: N::TYPE,
            state_version: N::STATE_VERSION,
            resources: N::RESOURCES,
            grows: N::SNAPSHOT_EVERY.is_some(),
            entry: entry_of::<N>,
            ends: ends_of::<N>,
            stream_of: N::stream_of,
            begin: || Box::new(Folded::<N>::default()),
        };
        self.0.insert(N::TYPE, shown);
    }
}

/// What an event is to the trail; `None`: nothing.
pub(super) fn describe(event: &RecordedEvent) -> Result<Option<Entry>, ApplyError> {
    (of(event)?.entry)(event)
}

/// As [`describe`], of an event that was read to be shown.
pub(super) fn read(event: &RecordedEvent) -> Result<Option<Entry>, ReadError> {
    describe(event).map_err(|error| malformed(event.position, &error))
}

/// Whether an event ends the thing, whatever it was before.
pub(super) fn ends(event: &RecordedEvent) -> Result<bool, ReadError> {
    (known(event)?.ends)(event).map_err(|error| malformed(event.position, &error))
}

/// As [`of`], of an event that was read to be shown.
pub(super) fn known(event: &RecordedEvent) -> Result<&'static ShownNoun, ReadError> {
    of(event).map_err(|error| malformed(event.position, &error))
}

/// An event that cannot be shown.
pub(super) fn malformed(position: Position, error: &dyn std::error::Error) -> ReadError {
    ReadError::Malformed {
        position,
        reason: error.to_string(),
    }
}

/// The noun whose event it is.
pub(super) fn of(event: &RecordedEvent) -> Result<&'static ShownNoun, ApplyError> {
    NOUNS.get(event.aggregate_type.as_str()).ok_or_else(|| {
        let message = format!("the audit trail does not know {}", event.aggregate_type);
        ApplyError::event(event, message)
    })
}

fn entry_of<N: Audited>(event: &RecordedEvent) -> Result<Option<Entry>, ApplyError> {
    N::entry(&event.aggregate_id, &decode::<N::Event>(event)?).map_err(|_| {
        let message = format!("the stream's id {:?} is not a UUID", event.aggregate_id);
        ApplyError::event(event, message)
    })
}

fn ends_of<N: Audited>(event: &RecordedEvent) -> Result<bool, DecodeError> {
    let mut life = Life::<N>::Unknown;
    N::evolve(&mut life, event.decode()?);
    Ok(life == Life::Deleted)
}

/// A state as it is stored.
pub(super) struct Saved {
    pub(super) state: Value,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// A stream's state, which grows event by event, of whatever noun.
pub(super) trait Thread: Send {
    /// Goes on from a stored state.
    fn resume(&mut self, saved: Saved) -> Result<(), serde_json::Error>;
    /// Takes in the stream's next event.
    fn apply(&mut self, event: &RecordedEvent) -> Result<(), DecodeError>;
    /// The state, to be stored.
    fn save(&self) -> Result<Saved, serde_json::Error>;
    /// The thing as one of its resources; `None`: there is none.
    fn view(&self, id: &str, resource: &Resource) -> Option<Map<String, Value>>;
}

impl<N: Audited> Thread for Folded<N> {
    fn resume(&mut self, saved: Saved) -> Result<(), serde_json::Error> {
        *self = Self {
            life: serde_json::from_value(saved.state)?,
            created_at: saved.created_at,
            updated_at: saved.updated_at,
        };
        Ok(())
    }

    fn apply(&mut self, event: &RecordedEvent) -> Result<(), DecodeError> {
        self.evolve(event.decode()?, event.recorded_at);
        Ok(())
    }

    fn save(&self) -> Result<Saved, serde_json::Error> {
        Ok(Saved {
            state: serde_json::to_value(&self.life)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    fn view(&self, id: &str, resource: &Resource) -> Option<Map<String, Value>> {
        let Value::Object(mut view) = self.life.live()?.view(id, resource)? else {
            return None;
        };
        let known = [
            ("id", serde_json::json!(id)),
            ("created_at", serde_json::json!(self.created_at)),
            ("updated_at", serde_json::json!(self.updated_at)),
        ];
        for (name, value) in known {
            view.entry(name).or_insert(value);
        }
        Some(view)
    }
}
