//! What this process remembers of the log: the newest events, so that followers of its own appends need no SQL, and the
//! last position known to be committed.
//!
//! What is remembered is only good for the history it was made in. A failover to a standby that lacked the end of the log,
//! or a restored copy, begins another one: then everything remembered goes, here and in whatever asks for
//! [`history`](Recent::history).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::{Point, Position, RecordedEvent};

/// A part of the log that this process has seen and the database does not have any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostHistory {
    /// How often this process has met with such a loss.
    pub times: u64,
    /// The last position that was known to be recorded before the latest loss.
    pub known: Position,
    /// The last position that the database had then.
    pub found: Position,
}

/// What is remembered at a moment, to be held against what the database says afterwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    history: u64,
    known: Position,
    /// The newest event whose hash is known.
    pub anchor: Point,
}

/// A run of contiguous recent events, and the last position known to be committed.
pub(crate) struct Recent {
    remembered: Mutex<Remembered>,
    capacity: usize,
    head: watch::Sender<Position>,
}

struct Remembered {
    events: VecDeque<Arc<RecordedEvent>>,
    anchor: Point,
    lost: Option<LostHistory>,
}

impl Remembered {
    fn history(&self) -> u64 {
        self.lost.map_or(0, |lost| lost.times)
    }
}

impl Recent {
    pub fn new(head: Point, capacity: usize) -> Self {
        Self {
            remembered: Mutex::new(Remembered {
                events: VecDeque::with_capacity(capacity.min(1024)),
                anchor: head,
                lost: None,
            }),
            capacity,
            head: watch::Sender::new(head.position),
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers events this process appended, in order, and announces them.
    pub fn push(&self, appended: impl IntoIterator<Item = Arc<RecordedEvent>>) {
        let mut last = Position::START;
        let mut remembered = self.remembered();
        for event in appended {
            last = event.position;
            if let Some(newest) = remembered.events.back().map(|newest| newest.position) {
                // This process appends in order: a place given twice is another history's.
                if last <= newest {
                    self.lose(&mut remembered, event.point());
                } else if last != newest.next() {
                    // Another replica's events lie between: the run starts anew.
                    remembered.events.clear();
                }
            }
            if remembered.events.len() >= self.capacity {
                remembered.events.pop_front();
            }
            if last >= remembered.anchor.position {
                remembered.anchor = event.point();
            }
            remembered.events.push_back(event);
        }
        drop(remembered);
        self.advance(last);
    }

    /// Up to `limit` events after `after`; `None` when they are not all in memory.
    pub fn after(&self, after: Position, limit: usize) -> Option<Vec<Arc<RecordedEvent>>> {
        let remembered = self.remembered();
        let events = &remembered.events;
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

    /// Which history this process remembers: the number changes when the database turns out to have another.
    pub fn history(&self) -> u64 {
        self.remembered().history()
    }

    pub fn lost(&self) -> Option<LostHistory> {
        self.remembered().lost
    }

    /// What to ask the database about. Taken before it is asked: what is learned meanwhile proves nothing.
    pub fn memory(&self) -> Memory {
        let remembered = self.remembered();
        Memory {
            history: remembered.history(),
            known: self.head(),
            anchor: remembered.anchor,
        }
    }

    /// Holds what was remembered against the database's head and its hash at the anchor. When they do not agree, the
    /// database has lost history, and everything goes.
    pub fn confirm(&self, memory: &Memory, head: Point, at_anchor: Option<[u8; 32]>) {
        let mut remembered = self.remembered();
        if remembered.history() != memory.history {
            return;
        }
        let is_same = memory.anchor.position == Position::START
            || at_anchor.is_some_and(|hash| hash == memory.anchor.hash);
        if head.position < memory.known || !is_same {
            self.lose(&mut remembered, head);
            return;
        }
        if head.position >= remembered.anchor.position {
            remembered.anchor = head;
        }
        drop(remembered);
        self.advance(head.position);
    }

    /// What was remembered is not in the database any more, whose head is `found`.
    pub fn lost_to(&self, found: Point) {
        self.lose(&mut self.remembered(), found);
    }

    fn lose(&self, remembered: &mut Remembered, found: Point) {
        let lost = LostHistory {
            times: remembered.history() + 1,
            known: self.head(),
            found: found.position,
        };
        tracing::error!(
            known = lost.known.0,
            found = lost.found.0,
            times = lost.times,
            "the database has lost history: events that were recorded are not there any more; all that was remembered of it is dropped"
        );
        remembered.events.clear();
        remembered.anchor = found;
        remembered.lost = Some(lost);
        // Told even when the position is the same: it is another history's.
        self.head.send_replace(found.position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(position: i64, hash: u8) -> Point {
        Point {
            position: Position(position),
            hash: [hash; 32],
        }
    }

    #[test]
    fn a_head_that_goes_on_from_what_is_remembered_is_announced() {
        let recent = Recent::new(point(3, 3), 10);
        recent.confirm(&recent.memory(), point(5, 5), Some([3; 32]));
        assert_eq!((recent.head(), recent.lost()), (Position(5), None));
        assert_eq!(recent.memory().anchor, point(5, 5));
    }

    #[test]
    fn a_lower_head_is_another_history_and_the_head_goes_down() {
        let recent = Recent::new(point(5, 5), 10);
        recent.confirm(&recent.memory(), point(3, 3), None);
        assert_eq!((recent.head(), recent.history()), (Position(3), 1));
        let lost = recent.lost().unwrap();
        assert_eq!((lost.known, lost.found), (Position(5), Position(3)));
    }

    #[test]
    fn another_hash_at_a_remembered_position_is_another_history() {
        let recent = Recent::new(point(5, 5), 10);
        recent.confirm(&recent.memory(), point(9, 9), Some([6; 32]));
        assert_eq!((recent.head(), recent.history()), (Position(9), 1));
    }

    #[test]
    fn a_head_read_before_newer_events_were_heard_of_proves_nothing() {
        let recent = Recent::new(point(5, 5), 10);
        let memory = recent.memory();
        recent.advance(Position(6));
        recent.confirm(&memory, point(5, 5), Some([5; 32]));
        assert_eq!((recent.head(), recent.history()), (Position(6), 0));
    }

    #[test]
    fn an_answer_about_a_history_given_up_meanwhile_proves_nothing() {
        let recent = Recent::new(point(5, 5), 10);
        let stale = recent.memory();
        recent.confirm(&recent.memory(), point(3, 3), None);
        recent.confirm(&stale, point(4, 4), None);
        assert_eq!((recent.head(), recent.history()), (Position(3), 1));
    }
}
