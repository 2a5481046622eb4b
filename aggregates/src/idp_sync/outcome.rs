//! What claims come to, and why (docs/contract/idpsync.md 5.5).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{InvalidFilter, Unreadable};
use crate::Personal;

/// What a claim comes to by the settings of a synchronisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<T> {
    /// The claim's name.
    pub field: String,
    /// What follows, or why nothing does: then all stays as it is.
    pub ruled: Result<Ruled<T>, Skipped>,
}

/// What each value of the claim comes to, and what changes by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled<T> {
    /// What was decided of each value, in the order of the values; several of one that stands for several targets.
    pub rulings: Vec<Ruling<T>>,
    /// What the person did not have, in order.
    pub added: Vec<T>,
    /// What the person had and loses, in order.
    pub removed: Vec<T>,
}

/// What was decided of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling<T> {
    /// The value; `None`: it is what everyone gets.
    pub value: Option<Personal<String>>,
    /// The rule that it fell under.
    pub rule: Rule,
    /// What the rule is about: what the person gets by it, or does not.
    pub target: Option<T>,
}

/// A rule that a value falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The mapping names the target.
    Mapped,
    /// The target has this name.
    ByName,
    /// No group has this name: one is made.
    Created,
    /// Everyone gets the target.
    Default,
    /// Everyone has the target without a rule.
    Implied,
    /// The filter lets the name through no further.
    Filtered,
    /// There is no such target, or the mapping names none.
    Unknown,
    /// The target is there, and not to be had in this way.
    Unassignable,
    /// A group cannot have this name.
    InvalidName,
}

/// Why nothing follows from a claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skipped {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The filter is none that this program knows.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
}

impl Rule {
    /// Whether the person gets what the rule is about.
    pub const fn gives(self) -> bool {
        matches!(
            self,
            Self::Mapped | Self::ByName | Self::Created | Self::Default
        )
    }
}

impl<T> Ruling<T> {
    /// What was decided of `value`.
    pub(super) fn of(value: &str, rule: Rule, target: Option<T>) -> Self {
        Self {
            value: Some(Personal::new(value.to_owned())),
            rule,
            target,
        }
    }

    /// What everyone gets.
    pub(super) const fn by_default(target: T) -> Self {
        Self {
            value: None,
            rule: Rule::Default,
            target: Some(target),
        }
    }
}

impl<T: Ord + Clone> Ruled<T> {
    /// What `rulings` change for a person who has `present`.
    pub(super) fn new(rulings: Vec<Ruling<T>>, present: &BTreeSet<T>) -> Self {
        let given = rulings.iter().filter(|ruling| ruling.rule.gives());
        let given: BTreeSet<T> = given.filter_map(|ruling| ruling.target.clone()).collect();
        Self {
            added: given.difference(present).cloned().collect(),
            removed: present.difference(&given).cloned().collect(),
            rulings,
        }
    }
}
