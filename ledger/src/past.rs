//! The states of streams as they were.

use std::collections::BTreeMap;

use chancery_noun::{Folded, Noun};

use crate::{DecodeError, LedgerReader, Position, ReadError, RecordedEvent};

/// Why states were not made of events.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event does not have the shape that the noun knows.
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
}

/// States by the names of their streams.
pub type Folds<N> = BTreeMap<String, Folded<N>>;

impl LedgerReader {
    /// The states at a position of a noun's streams of these names. Those that began later are left out.
    pub async fn fold_streams<N: Noun>(
        &self,
        ids: &[&str],
        until: Position,
    ) -> Result<Folds<N>, FoldError> {
        let stream = |id: &&str| (N::TYPE.to_owned(), (*id).to_owned());
        let streams: Vec<_> = ids.iter().map(stream).collect();
        fold(&self.read_streams_until(&streams, until).await?)
    }

    /// The states at a position of all of a noun's streams. Meant for nouns of few events: they are all held in memory.
    pub async fn fold_all<N: Noun>(&self, until: Position) -> Result<Folds<N>, FoldError> {
        fold(&self.read_types_until(&[N::TYPE], until).await?)
    }
}

fn fold<N: Noun>(events: &[RecordedEvent]) -> Result<Folds<N>, FoldError> {
    let mut folds = Folds::new();
    for event in events {
        let folded: &mut Folded<N> = folds.entry(event.aggregate_id.clone()).or_default();
        folded.evolve(event.decode()?, event.recorded_at);
    }
    Ok(folds)
}
