//! Looking at the present: streams and keys as the log has them.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_noun::{Folded, Noun};

use crate::memory::{Memory, State};
use crate::{Ledger, LookError, Position, StreamName};

/// Streams and unique keys as the log has them, from memory where they are known.
///
/// One of [`Ledger::now`] is as fresh as the head in the database when it was asked for, so it may be answered and refused by.
/// One of [`Ledger::so_far`] may be behind: it serves decisions whose append names all that they were made on, and
/// so fails when any of it has changed.
#[derive(Clone)]
pub struct Present {
    memory: Arc<Memory>,
}

/// A stream's state and how far it has come.
#[derive(Clone, Debug)]
pub struct Seen<N: Noun> {
    /// The state.
    pub state: Arc<Folded<N>>,
    /// The last sequence; 0: there is no such stream.
    pub sequence: i64,
}

impl Ledger {
    /// A look at everything that was committed when this was called. All who ask at the same time share one query.
    pub async fn now(&self) -> Result<Present, LookError> {
        self.0.memory.confirm().await?;
        Ok(self.so_far())
    }

    /// How often another process appended between a decision and its append, so that the database had to decide.
    pub fn lost_swaps(&self) -> u64 {
        self.0.memory.lost_swaps()
    }

    /// A look at what this process knows, without asking whether it is still so.
    pub fn so_far(&self) -> Present {
        Present {
            memory: Arc::clone(&self.0.memory),
        }
    }
}

impl Present {
    /// The last position that this look takes in; `None` while history that was lost is forgotten.
    pub fn position(&self) -> Option<Position> {
        self.memory.head().map(|head| head.position)
    }

    /// The state of a stream, unknown to life when there is no such stream.
    pub async fn state<N: Noun>(&self, id: &str) -> Result<Seen<N>, LookError> {
        let name = StreamName::new(N::TYPE, id);
        let stream = match self.memory.stream(&name) {
            Some(stream) => stream,
            None => self.memory.load_stream(name).await?,
        };
        let state: Arc<dyn Any + Send + Sync> = State::as_any(stream.state);
        let state = state
            .downcast()
            .map_err(|_| LookError::UnknownType(N::TYPE.to_owned()))?;
        Ok(Seen {
            state,
            sequence: stream.sequence,
        })
    }

    /// The stream that holds a unique key, if any does.
    pub async fn holder(&self, key: &str) -> Result<Option<StreamName>, LookError> {
        match self.memory.holder(key) {
            Some(holder) => Ok(holder),
            None => self.memory.load_holder(key.to_owned()).await,
        }
    }

    /// The unique keys of a family, which all that begin with the same text up to its last colon are, with their holders.
    pub async fn family(&self, family: &str) -> Result<BTreeMap<String, StreamName>, LookError> {
        match self.memory.family(family) {
            Some(members) => Ok(members),
            None => self.memory.load_family(family.to_owned()).await,
        }
    }
}
