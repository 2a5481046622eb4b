use std::fmt;

use serde::{Deserialize, Serialize};

/// Place of an event in the ledger: 1-based, without gaps, equal to commit order. 0 is before the first event.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub i64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A position and the hash there. It names one history: two logs that agree on a point agree on everything up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The position.
    pub position: Position,
    /// Hash of the event there; zeros at the start.
    pub hash: [u8; 32],
}

impl Point {
    /// Before the first event, in every history.
    pub const START: Self = Self {
        position: Position::START,
        hash: [0; 32],
    };
}
