//! How far a follower of this process has come.

use chancery_ledger::Position;
use tokio::sync::{Notify, watch};

/// What a follower is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Applies events as they come.
    Following,
    /// The tables are of another version; they are frozen until the rebuild's swap.
    Rebuilding,
    /// Stopped at an event that it cannot apply.
    Stopped,
}

/// A follower's position and phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) position: Position,
    pub(super) phase: Phase,
}

/// Shared between a follower and those who wait for it.
#[derive(Debug)]
pub(super) struct Marker {
    mark: watch::Sender<Mark>,
    /// The furthest position that somebody waits, or has waited, for.
    wanted: watch::Sender<Position>,
    /// Wakes the follower to read its checkpoint row again.
    pub(super) nudge: Notify,
}

impl Marker {
    pub(super) fn new() -> Self {
        let mark = watch::Sender::new(Mark {
            position: Position(0),
            phase: Phase::Following,
        });
        Self {
            mark,
            wanted: watch::Sender::new(Position(0)),
            nudge: Notify::new(),
        }
    }

    pub(super) fn get(&self) -> Mark {
        *self.mark.borrow()
    }

    pub(super) fn set(&self, position: Position, phase: Phase) {
        let mark = Mark { position, phase };
        self.mark.send_if_modified(|current| {
            let changed = *current != mark;
            *current = mark;
            changed
        });
    }

    /// Says that somebody waits for `position`.
    pub(super) fn want(&self, position: Position) {
        self.wanted.send_if_modified(|wanted| {
            let further = position > *wanted;
            *wanted = position.max(*wanted);
            further
        });
    }

    pub(super) fn wanted(&self) -> watch::Receiver<Position> {
        self.wanted.subscribe()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Mark> {
        self.mark.subscribe()
    }
}
