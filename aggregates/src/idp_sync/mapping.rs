//! Which targets the values of a claim stand for (docs/contract/idpsync.md 3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::text::FreeText;

/// Most pairs of a value and a target.
const MOST_PAIRS: usize = 10_000;

/// For each value the targets that it stands for, in the order in which they were given. A value may stand for none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping<T>(pub BTreeMap<FreeText, Vec<T>>);

/// A value of the claim and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair<T> {
    /// The value.
    pub given: FreeText,
    /// The target.
    pub gets: T,
}

/// Pairs that come and go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingPatch<T> {
    /// Those that come, in order; one that is there already stays where it is.
    pub add: Vec<Pair<T>>,
    /// Those that go, after the others came; one that is not there is passed over.
    pub remove: Vec<Pair<T>>,
}

impl<T> Default for Mapping<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: PartialEq> Mapping<T> {
    /// The targets of a value; `None`: nothing is said of it.
    pub fn targets(&self, value: &str) -> Option<&[T]> {
        self.0.get(value).map(Vec::as_slice)
    }

    /// Changes it. A value that loses its last target stays, without any.
    pub(super) fn patch(&mut self, patch: MappingPatch<T>) {
        for Pair { given, gets } in patch.add {
            let targets = self.0.entry(given).or_default();
            if !targets.contains(&gets) {
                targets.push(gets);
            }
        }
        for Pair { given, gets } in patch.remove {
            if let Some(targets) = self.0.get_mut(&given) {
                targets.retain(|target| *target != gets);
            }
        }
    }

    /// Refuses one that is too large.
    pub(super) fn check(&self) -> Result<(), Error> {
        let pairs: usize = self.0.values().map(|targets| targets.len().max(1)).sum();
        if pairs > MOST_PAIRS {
            return Err(Error::MappingTooLarge { most: MOST_PAIRS });
        }
        Ok(())
    }
}
