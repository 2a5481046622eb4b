//! What the ledger is told about the nouns whose streams it keeps.

use std::collections::HashMap;
use std::sync::Arc;

use chancery_noun::{Folded, Life, Noun, NounVisitor, UniqueKey};
use chrono::{DateTime, Utc};
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde_json::Value;

use crate::memory::State;
use crate::{DecodeError, LoadError, RecordedEvent};

/// A state that grows event by event, of whatever noun.
pub(crate) trait Fold: Send {
    fn apply(&mut self, event: &RecordedEvent) -> Result<(), DecodeError>;
    /// The thing; null before it was created, and `Deleted` when it was.
    fn state(&self) -> Result<Value, serde_json::Error>;
}

struct Folding<N: Noun>(Life<N>);

impl<N: Noun> Fold for Folding<N> {
    fn apply(&mut self, event: &RecordedEvent) -> Result<(), DecodeError> {
        N::evolve(&mut self.0, event.decode()?);
        Ok(())
    }

    fn state(&self) -> Result<Value, serde_json::Error> {
        match &self.0 {
            Life::Unknown => Ok(Value::Null),
            Life::Live(thing) => serde_json::to_value(thing),
            Life::Deleted => Ok("Deleted".into()),
        }
    }
}

type KeysOfPayload = fn(&str, &Value) -> Result<Vec<UniqueKey>, serde_json::Error>;

fn keys_of_payload<N: Noun>(
    id: &str,
    payload: &Value,
) -> Result<Vec<UniqueKey>, serde_json::Error> {
    let event = <N::Event as serde::Deserialize>::deserialize(payload)?;
    Ok(N::keys(id, &event))
}

/// A state from a snapshot's JSON and times.
type Restore = fn(&str, DateTime<Utc>, DateTime<Utc>) -> Result<Arc<dyn State>, serde_json::Error>;

fn restore<N: Noun>(
    life: &str,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
) -> Result<Arc<dyn State>, serde_json::Error> {
    Ok(Arc::new(Folded::<N> {
        life: serde_json::from_str(life)?,
        created_at,
        updated_at,
    }))
}

struct StreamType {
    fold: fn() -> Box<dyn Fold>,
    initial: Arc<dyn State>,
    restore: Restore,
    snapshot_version: Option<u32>,
    upcasters: Vec<Box<dyn EventUpcaster>>,
    keys: KeysOfPayload,
}

/// The nouns whose streams a ledger keeps.
#[derive(Default)]
pub struct StreamTypes(HashMap<&'static str, StreamType>);

impl NounVisitor for StreamTypes {
    fn visit<N: Noun>(&mut self) {
        let stream_type = StreamType {
            fold: || Box::new(Folding::<N>(Life::Unknown)),
            initial: Arc::new(Folded::<N>::default()),
            restore: restore::<N>,
            snapshot_version: N::SNAPSHOT_EVERY.map(|_| N::STATE_VERSION),
            upcasters: N::upcasters(),
            keys: keys_of_payload::<N>,
        };
        self.0.insert(N::TYPE, stream_type);
    }
}

impl StreamTypes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more; a noun of the same type is replaced.
    #[must_use]
    pub fn with<N: Noun>(mut self) -> Self {
        self.visit::<N>();
        self
    }

    /// Refuses nouns that the ledger was not told of.
    pub(crate) fn require<N: Noun>(&self) -> Result<(), LoadError> {
        if self.0.contains_key(N::TYPE) {
            Ok(())
        } else {
            Err(LoadError::Unregistered(N::TYPE))
        }
    }

    /// The types' names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.0.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// The state of a stream of this type before its first event; `None`: there is no such type.
    pub(crate) fn fold(&self, aggregate_type: &str) -> Option<Box<dyn Fold>> {
        self.0
            .get(aggregate_type)
            .map(|stream_type| (stream_type.fold)())
    }

    /// The first state of a stream of this type; `None`: there is no such type.
    pub(crate) fn initial(&self, aggregate_type: &str) -> Option<Arc<dyn State>> {
        Some(Arc::clone(&self.0.get(aggregate_type)?.initial))
    }

    /// A state from a snapshot; `None`: there is no such type.
    pub(crate) fn restore(
        &self,
        aggregate_type: &str,
        life: &str,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    ) -> Option<Result<Arc<dyn State>, serde_json::Error>> {
        let stream_type = self.0.get(aggregate_type)?;
        Some((stream_type.restore)(life, created_at, updated_at))
    }

    /// The version of the snapshots that the type has; one that no snapshot has when it has none.
    pub(crate) fn snapshot_version(&self, aggregate_type: &str) -> i64 {
        self.0
            .get(aggregate_type)
            .and_then(|stream_type| stream_type.snapshot_version)
            .map_or(-1, i64::from)
    }

    /// What a current event does to keys; `None`: its stream's type is unknown.
    pub(crate) fn known_keys(
        &self,
        event: &RecordedEvent,
    ) -> Option<Result<Vec<UniqueKey>, serde_json::Error>> {
        let stream_type = self.0.get(&*event.aggregate_type)?;
        Some((stream_type.keys)(&event.aggregate_id, &event.payload))
    }

    /// Whether an upcaster of the type wants the event.
    pub(crate) fn is_outdated(
        &self,
        aggregate_type: &str,
        event_type: &str,
        event_version: &str,
    ) -> bool {
        self.0.get(aggregate_type).is_some_and(|stream_type| {
            stream_type
                .upcasters
                .iter()
                .any(|upcaster| upcaster.can_upcast(event_type, event_version))
        })
    }

    /// The event in its current version.
    pub(crate) fn upcast(&self, event: SerializedEvent) -> SerializedEvent {
        let Some(stream_type) = self.0.get(event.aggregate_type.as_str()) else {
            return event;
        };
        stream_type.upcasters.iter().fold(event, |event, upcaster| {
            if upcaster.can_upcast(&event.event_type, &event.event_version) {
                upcaster.upcast(event)
            } else {
                event
            }
        })
    }

    /// What a current payload does to keys; nothing when the type is unknown.
    pub(crate) fn keys(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        payload: &Value,
    ) -> Result<Vec<UniqueKey>, serde_json::Error> {
        match self.0.get(aggregate_type) {
            Some(stream_type) => (stream_type.keys)(aggregate_id, payload),
            None => Ok(Vec::new()),
        }
    }
}
