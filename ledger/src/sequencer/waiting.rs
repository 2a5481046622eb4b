//! Appends that wait for an answer.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::batch::Place;
use super::{Append, Appended};
use crate::{AppendError, Position};

/// An append and who waits for it.
pub(super) struct Waiting {
    pub append: Append,
    pub answer: oneshot::Sender<Result<Appended, AppendError>>,
    /// Since when it waits.
    pub since: Instant,
}

impl Waiting {
    pub fn new(append: Append, answer: oneshot::Sender<Result<Appended, AppendError>>) -> Self {
        Self {
            append,
            answer,
            since: Instant::now(),
        }
    }

    /// Answers. The one who waited may be gone; that is their choice.
    pub fn answer(self, result: Result<Appended, AppendError>) {
        drop(self.answer.send(result));
    }
}

/// Puts events in the places they were given.
pub(super) fn place_events(
    waiting: Waiting,
    place: Place,
) -> (Appended, oneshot::Sender<Result<Appended, AppendError>>) {
    let events = waiting
        .append
        .events
        .into_iter()
        .zip(place.hashes)
        .zip(place.first..)
        .map(|((draft, hash), position)| {
            let mut event = draft.event;
            event.position = Position(position);
            event.recorded_at = place.recorded_at;
            event.hash = hash;
            Arc::new(event)
        })
        .collect();
    (events, waiting.answer)
}
