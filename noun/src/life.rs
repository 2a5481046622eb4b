use serde::{Deserialize, Serialize};

/// How far a thing has come: every noun's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Life<T> {
    /// It was not created.
    #[default]
    Unknown,
    /// It exists.
    Live(T),
    /// It was deleted.
    Deleted,
}

impl<T> Life<T> {
    /// What it is like, if it exists.
    pub const fn live(&self) -> Option<&T> {
        match self {
            Self::Live(thing) => Some(thing),
            Self::Unknown | Self::Deleted => None,
        }
    }

    /// Like [`live`](Self::live), to be changed.
    pub const fn live_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Live(thing) => Some(thing),
            Self::Unknown | Self::Deleted => None,
        }
    }

    /// Like [`live`](Self::live), by value.
    pub fn into_live(self) -> Option<T> {
        match self {
            Self::Live(thing) => Some(thing),
            Self::Unknown | Self::Deleted => None,
        }
    }

    /// Refuses with `error` what exists or existed.
    pub fn must_be_new<E>(&self, error: E) -> Result<(), E> {
        match self {
            Self::Unknown => Ok(()),
            Self::Live(_) | Self::Deleted => Err(error),
        }
    }
}
