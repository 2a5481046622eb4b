//! Differences: of two states, member by member, as the log is read; and in the tracked fields of a resource, as the audit trail
//! shows it. Secrets show in neither.

mod state;
pub(crate) mod tracked;

pub use state::{Change, changes, redacted};
