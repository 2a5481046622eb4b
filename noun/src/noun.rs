use std::fmt;

use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent;
use cqrs_es::persist::EventUpcaster;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{Life, UniqueKey};

/// An event enum that knows its types: derive `strum::VariantNames`.
pub use strum::VariantNames as EventTypes;

/// A thing with a history: a stream of events decided by commands. The implementing type is what a live thing is like, in
/// full. Everything is pure: no clock, no randomness, no I/O.
pub trait Noun:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The noun, and the aggregate type of its streams: snake case.
    const TYPE: &'static str;

    /// Raised whenever the shape or the meaning of the state changes: snapshots and read models of another version are made
    /// anew.
    const STATE_VERSION: u32;

    /// Events between two snapshots of a stream; `None`: streams stay short, no snapshots.
    const SNAPSHOT_EVERY: Option<usize> = None;

    /// What can be asked of it. Cheap to clone: a command that loses a race is decided again.
    type Command: Clone + Send;

    /// What happens to it.
    type Event: DomainEvent + EventTypes;

    /// Why a command is refused.
    type Error: std::error::Error + Send;

    /// The events that a command leads to, none when it changes nothing.
    fn decide(state: &Life<Self>, command: Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// The state after an event. Total: an event that no command records of such a state changes nothing.
    fn evolve(state: &mut Life<Self>, event: Self::Event);

    /// What an event of the stream named `id` does to keys that are unique across streams. The table of keys can be rebuilt
    /// from the events.
    #[must_use]
    fn keys(id: &str, event: &Self::Event) -> Vec<UniqueKey> {
        let _ = (id, event);
        Vec::new()
    }

    /// What the thing belongs to, if it belongs to anything: an organization, or a user.
    fn owner_id(&self) -> Option<Uuid> {
        None
    }

    /// The thing's name as it is looked up and sorted: in lower case where case does not matter. `None`: it has no name.
    fn name_key(&self) -> Option<String> {
        None
    }

    /// When the thing ends without an event, if it does.
    fn ends_at(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// The version of an event's shape. A change of shape raises it, and needs an upcaster from the version before.
    #[must_use]
    fn event_version(event: &Self::Event) -> &'static str {
        let _ = event;
        "1.0"
    }

    /// From every recorded older version of an event to the present one, in order of application.
    #[must_use]
    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        Vec::new()
    }
}

/// Something that is done with each noun of a list.
pub trait NounVisitor {
    /// Does it with one of them.
    fn visit<N: Noun>(&mut self);
}

/// Implements `cqrs_es::DomainEvent` for the event enum of a noun: its types are the names that strum gives its variants.
#[macro_export]
macro_rules! domain_event {
    ($event:ty, $noun:ty) => {
        impl $crate::cqrs_es::DomainEvent for $event {
            fn event_type(&self) -> String {
                <&'static str>::from(self).to_owned()
            }

            fn event_version(&self) -> String {
                <$noun as $crate::Noun>::event_version(self).to_owned()
            }
        }
    };
}

/// Gives an enum whose variants strum names (`EnumString`, `IntoStaticStr`) its name, and the way back from what a row holds.
#[macro_export]
macro_rules! named {
    ($($named:ty),+ $(,)?) => {$(
        impl $named {
            /// The name: on the wire, in events and in rows.
            pub fn as_str(self) -> &'static str {
                self.into()
            }
        }

        impl TryFrom<String> for $named {
            type Error = $crate::strum::ParseError;

            fn try_from(name: String) -> Result<Self, Self::Error> {
                name.parse()
            }
        }
    )+};
}
