//! How things are named in paths and queries.

use uuid::Uuid;

/// A UUID's length with its hyphens; without them it would be a name.
const UUID_LENGTH: usize = 36;

/// The UUID that `text` is, written with its hyphens.
pub(crate) fn whole_uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text)
        .ok()
        .filter(|_| text.len() == UUID_LENGTH)
}
