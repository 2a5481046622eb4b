//! How things are named in paths and queries.

use chancery_aggregates::Id;

/// A UUID's length with its hyphens; without them it would be a name.
const UUID_LENGTH: usize = 36;

/// The id that `text` is, written with its hyphens.
pub(crate) fn whole_id<N>(text: &str) -> Option<Id<N>> {
    text.parse().ok().filter(|_| text.len() == UUID_LENGTH)
}
