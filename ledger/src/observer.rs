//! Watching a ledger at work, for those who count.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::RecordedEvent;

/// Told of what a process appends, on the appender's own task: whoever takes long holds up the next append.
pub trait Observer: fmt::Debug + Send + Sync {
    /// A batch is durable.
    fn appended(&self, batch: &AppendedBatch<'_>);
}

/// Appends that became durable together.
#[derive(Clone, Copy, Debug)]
pub struct AppendedBatch<'a> {
    /// How many appends were sent, those that were refused included.
    pub appends: usize,
    /// The events of those that were made, in order.
    pub events: &'a [Arc<RecordedEvent>],
    /// How long it took since they were sent to the database.
    pub took: Duration,
}
