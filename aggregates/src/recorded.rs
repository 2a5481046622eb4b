//! What the event store needs to know of an aggregate besides `cqrs_es::Aggregate`.

use cqrs_es::persist::EventUpcaster;

/// Implemented by every aggregate.
pub trait Recorded: cqrs_es::Aggregate<Services = ()> + Clone + 'static {
    /// Events between two snapshots of a stream; `None` = streams stay short, no snapshots.
    const SNAPSHOT_EVERY: Option<usize>;

    /// Raised whenever the shape or the meaning of the state changes, so that older snapshots are ignored.
    const SNAPSHOT_VERSION: u32;

    /// The unique keys that `event`, recorded on `stream_id`, takes and gives up. Pure: the table of keys can be rebuilt
    /// from the events.
    #[must_use]
    fn unique_keys(stream_id: &str, event: &Self::Event) -> Vec<UniqueKey> {
        let _ = (stream_id, event);
        Vec::new()
    }

    /// Upcasters from every recorded older version of an event to the present one.
    #[must_use]
    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        Vec::new()
    }
}

/// A change to the keys that are unique across streams. Applied in order, in the append's own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UniqueKey {
    /// Fails the append when another stream holds the key.
    Take(String),
    /// Gives the key up; nothing happens when this stream does not hold it.
    Free(String),
    /// Takes the key over, whoever holds it.
    Seize(String),
    /// Fails the append unless this stream holds the key.
    Require(String),
}

impl UniqueKey {
    /// What a change of name does to keys: nothing when only the case of the name changed and the key did not.
    #[must_use]
    pub fn renamed(previous: String, key: String) -> Vec<Self> {
        if previous == key {
            Vec::new()
        } else {
            vec![Self::Free(previous), Self::Take(key)]
        }
    }
}
