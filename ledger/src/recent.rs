//! The newest events in memory, so that followers of this process's own appends need no SQL.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::{Position, RecordedEvent};

/// A run of contiguous recent events, and the last position known to be committed.
pub(crate) struct Recent {
    events: Mutex<VecDeque<Arc<RecordedEvent>>>,
    capacity: usize,
    head: watch::Sender<Position>,
}

impl Recent {
    pub fn new(head: Position, capacity: usize) -> Self {
        Self {
            events: Mutex::new(VecDeque::with_capacity(capacity.min(1024))),
            capacity,
            head: watch::Sender::new(head),
        }
    }

    fn events(&self) -> MutexGuard<'_, VecDeque<Arc<RecordedEvent>>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers events this process appended, in order, and announces them.
    pub fn push(&self, appended: impl IntoIterator<Item = Arc<RecordedEvent>>) {
        let mut last = Position::START;
        {
            let mut events = self.events();
            for event in appended {
                last = event.position;
                // Another replica's events lie between: the run starts anew.
                if events
                    .back()
                    .is_some_and(|newest| newest.position.next() != last)
                {
                    events.clear();
                }
                if events.len() >= self.capacity {
                    events.pop_front();
                }
                events.push_back(event);
            }
        }
        self.advance(last);
    }

    /// Up to `limit` events after `after`; `None` when they are not all in memory.
    pub fn after(&self, after: Position, limit: usize) -> Option<Vec<Arc<RecordedEvent>>> {
        let events = self.events();
        let first = events.front()?.position;
        let last = events.back()?.position;
        if after.next() < first || after >= last {
            return None;
        }
        let skip = usize::try_from(after.0 + 1 - first.0).ok()?;
        Some(events.iter().skip(skip).take(limit).cloned().collect())
    }

    /// Announces that everything up to `position` is committed.
    pub fn advance(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let newer = position > *head;
            if newer {
                *head = position;
            }
            newer
        });
    }

    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    pub fn subscribe(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}
