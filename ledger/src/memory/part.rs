//! What is remembered of a log, in its smallest parts: streams, the holders of keys, the head.

use std::any::Any;
use std::sync::Arc;

use chancery_noun::{Folded, Noun};
use chrono::{DateTime, Utc};

use crate::{DecodeError, Point, Position, RecordedEvent};

/// Names a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName {
    /// Kind of the stream.
    pub aggregate_type: String,
    /// Name of the stream within its kind.
    pub aggregate_id: String,
}

impl StreamName {
    /// The name of a stream.
    pub fn new(aggregate_type: impl Into<String>, aggregate_id: impl Into<String>) -> Self {
        Self {
            aggregate_type: aggregate_type.into(),
            aggregate_id: aggregate_id.into(),
        }
    }
}

/// Whose a unique key is; `None`: nobody's.
pub(crate) type Holder = Option<StreamName>;

/// The last event of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its position; 0 when there is none.
    pub position: Position,
    /// Its hash; 32 zero bytes when there is none.
    pub hash: [u8; 32],
    /// Its time.
    pub recorded_at: DateTime<Utc>,
}

impl Head {
    pub fn point(&self) -> Point {
        Point {
            position: self.position,
            hash: self.hash,
        }
    }
}

/// The state of a stream, of whatever noun.
pub(crate) trait State: Any + Send + Sync {
    /// The state after an event; in place when nobody else holds it.
    fn after(self: Arc<Self>, event: &RecordedEvent) -> Result<Arc<dyn State>, DecodeError>;
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<N: Noun> State for Folded<N> {
    fn after(mut self: Arc<Self>, event: &RecordedEvent) -> Result<Arc<dyn State>, DecodeError> {
        let decoded = event.decode()?;
        Arc::make_mut(&mut self).evolve(decoded, event.recorded_at);
        Ok(self)
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// A stream as it is at the head.
#[derive(Clone)]
pub(crate) struct Stream {
    pub state: Arc<dyn State>,
    /// Its last sequence; 0: there is no such stream.
    pub sequence: i64,
}
