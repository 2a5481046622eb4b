//! What the ledger is told about the nouns whose streams it keeps.

use std::collections::HashMap;

use chancery_noun::{Life, Noun, NounVisitor, UniqueKey};
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde_json::Value;

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

struct StreamType {
    fold: fn() -> Box<dyn Fold>,
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
