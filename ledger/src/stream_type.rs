//! What the ledger is told about the aggregates whose streams it keeps.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::Aggregate;
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde_json::Value;

use crate::memory::State;
use crate::{DecodeError, LoadError, RecordedEvent};

/// An aggregate the ledger can carry out commands on: pure, cheap to clone, with commands that can be decided again.
pub trait EventSourced:
    Aggregate<Services = (), Command: Clone + Send, Error: Send> + Clone + 'static
{
}

impl<A: Aggregate<Services = (), Command: Clone + Send, Error: Send> + Clone + 'static> EventSourced
    for A
{
}

/// What an event does to a key that one stream at a time may hold. Decided in order, under the lock of the append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UniqueKeyChange {
    /// Takes the key; the append fails when another stream holds it.
    Take(String),
    /// Gives the key up; does nothing when the stream does not hold it.
    Free(String),
    /// Takes the key over, whoever holds it.
    Seize(String),
    /// The append fails unless the stream holds the key.
    Require(String),
}

impl UniqueKeyChange {
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Take(key) | Self::Free(key) | Self::Seize(key) | Self::Require(key) => key,
        }
    }
}

/// The keys an event of a stream (named by its id) takes, frees, seizes and requires: a pure function.
pub type UniqueKeys<E> = fn(&str, &E) -> Vec<UniqueKeyChange>;

/// How streams of one aggregate are kept.
pub struct StreamType<A: EventSourced> {
    /// Events between snapshots; `None`: never.
    pub snapshot_every: Option<usize>,
    /// Version of the state's shape and meaning; snapshots of other versions are ignored.
    pub snapshot_version: u32,
    /// The unique keys of its events; `None`: it has none.
    pub unique_keys: Option<UniqueKeys<A::Event>>,
    /// Bring older versions of its events to the current one, in order of application.
    pub upcasters: fn() -> Vec<Box<dyn EventUpcaster>>,
}

impl<A: EventSourced> Clone for StreamType<A> {
    fn clone(&self) -> Self {
        Self {
            snapshot_every: self.snapshot_every,
            snapshot_version: self.snapshot_version,
            unique_keys: self.unique_keys,
            upcasters: self.upcasters,
        }
    }
}

type KeysOfPayload =
    dyn Fn(&str, &Value) -> Result<Vec<UniqueKeyChange>, serde_json::Error> + Send + Sync;

/// A state that grows event by event, of whatever aggregate.
pub(crate) trait Fold: Send {
    fn apply(&mut self, event: &RecordedEvent) -> Result<(), DecodeError>;
    fn state(&self) -> Result<Value, serde_json::Error>;
}

struct Folding<A>(A);

impl<A: EventSourced> Fold for Folding<A> {
    fn apply(&mut self, event: &RecordedEvent) -> Result<(), DecodeError> {
        self.0.apply(event.decode()?);
        Ok(())
    }

    fn state(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(&self.0)
    }
}

struct Registered {
    stream_type: Box<dyn Any + Send + Sync>,
    fold: fn() -> Box<dyn Fold>,
    initial: Arc<dyn State>,
    restored: fn(&str) -> Result<Arc<dyn State>, serde_json::Error>,
    snapshot_version: Option<u32>,
    upcasters: Vec<Box<dyn EventUpcaster>>,
    keys: Option<Box<KeysOfPayload>>,
}

/// The aggregates whose streams a ledger keeps.
#[derive(Default)]
pub struct StreamTypes(HashMap<&'static str, Registered>);

impl StreamTypes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more; a type registered before is replaced.
    #[must_use]
    pub fn with<A: EventSourced>(mut self, stream_type: StreamType<A>) -> Self {
        let keys = stream_type.unique_keys.map(|keys| -> Box<KeysOfPayload> {
            Box::new(move |id, payload| {
                <A::Event as serde::Deserialize>::deserialize(payload).map(|event| keys(id, &event))
            })
        });
        let registered = Registered {
            upcasters: (stream_type.upcasters)(),
            keys,
            fold: || Box::new(Folding(A::default())),
            initial: Arc::new(A::default()),
            restored: |text| Ok(Arc::new(serde_json::from_str::<A>(text)?)),
            snapshot_version: stream_type
                .snapshot_every
                .map(|_| stream_type.snapshot_version),
            stream_type: Box::new(stream_type),
        };
        self.0.insert(A::TYPE, registered);
        self
    }

    pub(crate) fn get<A: EventSourced>(&self) -> Result<&StreamType<A>, LoadError> {
        self.0
            .get(A::TYPE)
            .and_then(|registered| registered.stream_type.downcast_ref())
            .ok_or(LoadError::Unregistered(A::TYPE))
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
            .map(|registered| (registered.fold)())
    }

    /// The first state of a stream of this type; `None`: there is no such type.
    pub(crate) fn initial(&self, aggregate_type: &str) -> Option<Arc<dyn State>> {
        let registered = self.0.get(aggregate_type)?;
        Some(Arc::clone(&registered.initial))
    }

    /// A state from its JSON; `None`: there is no such type.
    pub(crate) fn restored(
        &self,
        aggregate_type: &str,
        text: &str,
    ) -> Option<Result<Arc<dyn State>, serde_json::Error>> {
        Some((self.0.get(aggregate_type)?.restored)(text))
    }

    /// The version of the snapshots that the type has; one that no snapshot has when it has none.
    pub(crate) fn snapshot_version(&self, aggregate_type: &str) -> i64 {
        self.0
            .get(aggregate_type)
            .and_then(|registered| registered.snapshot_version)
            .map_or(-1, i64::from)
    }

    /// The key changes of a current event; `None`: its type is unknown.
    pub(crate) fn known_keys(
        &self,
        event: &RecordedEvent,
    ) -> Option<Result<Vec<UniqueKeyChange>, serde_json::Error>> {
        let registered = self.0.get(&*event.aggregate_type)?;
        Some(match &registered.keys {
            Some(keys) => keys(&event.aggregate_id, &event.payload),
            None => Ok(Vec::new()),
        })
    }

    /// Whether an upcaster of the type wants the event.
    pub(crate) fn is_outdated(
        &self,
        aggregate_type: &str,
        event_type: &str,
        event_version: &str,
    ) -> bool {
        self.0.get(aggregate_type).is_some_and(|registered| {
            registered
                .upcasters
                .iter()
                .any(|upcaster| upcaster.can_upcast(event_type, event_version))
        })
    }

    /// The event in its current version.
    pub(crate) fn upcast(&self, event: SerializedEvent) -> SerializedEvent {
        let Some(registered) = self.0.get(event.aggregate_type.as_str()) else {
            return event;
        };
        registered.upcasters.iter().fold(event, |event, upcaster| {
            if upcaster.can_upcast(&event.event_type, &event.event_version) {
                upcaster.upcast(event)
            } else {
                event
            }
        })
    }

    /// The key changes of a current payload; none when the type is unknown or has no keys.
    pub(crate) fn keys(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        payload: &Value,
    ) -> Result<Vec<UniqueKeyChange>, serde_json::Error> {
        match self
            .0
            .get(aggregate_type)
            .and_then(|registered| registered.keys.as_ref())
        {
            Some(keys) => keys(aggregate_id, payload),
            None => Ok(Vec::new()),
        }
    }
}
