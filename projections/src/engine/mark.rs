//! How far a follower of this process has come.

use chancery_ledger::Position;
use tokio::sync::{Notify, watch};

use super::incarnation::Incarnation;

/// What a follower is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Applies events as they come.
    Following,
    /// The tables are of another version, or of a history that the log has lost; they are frozen until the rebuild's swap.
    Rebuilding,
    /// Stopped at an event that it cannot apply.
    Stopped,
}

/// A follower's position and phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) position: Position,
    pub(super) phase: Phase,
    /// The life of the database in which the tables are known to reflect all that was recorded before it, and everything up
    /// to the position; `None` while that is not known.
    pub(super) sound_in: Option<Incarnation>,
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
            sound_in: None,
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

    pub(super) fn set(&self, mark: Mark) {
        self.mark.send_if_modified(|current| {
            let changed = *current != mark;
            *current = mark;
            changed
        });
    }

    /// The follower's session is over: what it committed may be gone.
    pub(super) fn doubt(&self) {
        self.set(Mark {
            sound_in: None,
            ..self.get()
        });
    }

    /// Waits until the tables answer for all that was recorded before the database's present life. Those that are frozen or
    /// stopped answer for what they have, as ever.
    pub(super) async fn sound_in(&self, incarnation: Incarnation) {
        // An error means that the engine is gone; nobody is left to be answered.
        let _ = self
            .mark
            .subscribe()
            .wait_for(|mark| mark.sound_in == Some(incarnation))
            .await;
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
