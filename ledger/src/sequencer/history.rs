//! Whether the database still holds what this process saw in it. After a failover to a standby that was behind, or a restore,
//! it does not: then whatever was remembered of it has to go.

use tokio::sync::watch;

use super::batch::Place;
use crate::Position;

/// The last event that this process is sure of, and how often such an event was gone.
pub(super) struct History {
    position: Position,
    hash: [u8; 32],
    losses: watch::Sender<u64>,
}

impl History {
    /// Tells `losses` of every loss, before anything of the new history is told.
    pub fn new(losses: watch::Sender<u64>) -> Self {
        Self {
            position: Position::START,
            hash: crate::chain::START,
            losses,
        }
    }

    /// Where the last event is.
    pub fn last(&self) -> Position {
        self.position
    }

    /// The log goes on from here.
    pub fn reached(&mut self, position: Position, hash: [u8; 32]) {
        (self.position, self.hash) = (position, hash);
    }

    /// What the database holds where the last event was.
    pub fn looked(&self, hash: Option<[u8; 32]>) {
        if self.position > Position::START && hash != Some(self.hash) {
            self.lost();
        }
    }

    /// The database put events where they do not continue what is known. Later positions: others' events are between.
    pub fn jumped(&self, place: &Place) {
        if place.first <= self.position.next().0 {
            self.lost();
        }
    }

    fn lost(&self) {
        tracing::error!(
            position = %self.position,
            "the database has another history than before: events that were recorded are gone"
        );
        self.losses.send_modify(|losses| *losses += 1);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn place(first: i64) -> Place {
        Place {
            first,
            recorded_at: DateTime::UNIX_EPOCH,
            hashes: vec![[1; 32]],
        }
    }

    #[test]
    fn a_loss_is_told_and_others_appends_are_none() {
        let (losses, told) = watch::channel(0);
        let mut history = History::new(losses);
        history.looked(None);
        history.jumped(&place(7));
        history.reached(Position(7), [7; 32]);
        history.looked(Some([7; 32]));
        history.jumped(&place(9));
        assert_eq!(*told.borrow(), 0);
        history.looked(None);
        history.looked(Some([8; 32]));
        history.jumped(&place(8));
        history.jumped(&place(3));
        assert_eq!(*told.borrow(), 4);
    }
}
