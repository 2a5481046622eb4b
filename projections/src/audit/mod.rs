//! The audit trail (core.md 7): who did what to which resource, when, from where, with the old and new value of each
//! tracked field.

mod describe;
mod diff;
mod entry;
mod fields;
mod filter;
mod listed;
mod projection;
mod query;
mod resources;

pub use filter::{AuditFilter, AuditPage};
pub use projection::Audit;
pub use query::{AuditEntry, OrganizationSummary, count, list};
