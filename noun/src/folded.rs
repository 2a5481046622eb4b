use chrono::{DateTime, Utc};

use crate::{Life, Noun};

/// A noun's state with the times that the event store gave its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded<N: Noun> {
    /// The state.
    pub life: Life<N>,
    /// When the event was recorded that brought the thing to life.
    pub created_at: DateTime<Utc>,
    /// When the last event was recorded.
    pub updated_at: DateTime<Utc>,
}

impl<N: Noun> Default for Folded<N> {
    fn default() -> Self {
        Self {
            life: Life::Unknown,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }
}

impl<N: Noun> Folded<N> {
    /// Takes in the stream's next event.
    pub fn evolve(&mut self, event: N::Event, recorded_at: DateTime<Utc>) {
        let was_live = self.life.live().is_some();
        N::evolve(&mut self.life, event);
        if !was_live && self.life.live().is_some() {
            self.created_at = recorded_at;
        }
        self.updated_at = recorded_at;
    }
}
