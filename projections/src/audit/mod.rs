//! The audit trail (docs/contract/core.md 7): who did what to which resource, when, from where, with the old and new value of each
//! tracked field.
//!
//! Stored is what entries are searched by. What they show is made of the events when a page is read: `noun` is what nouns say
//! of themselves, `search` finds the positions, `page` makes the entries.

mod entry_id;
mod facet;
mod filter;
mod kind;
mod names;
mod noun;
mod page;
mod projection;
mod query;
mod search;
mod states;
mod views;

pub use chancery_aggregates::audit::Refusal;
pub use filter::{AuditFilter, AuditPage};
pub use projection::Audit;
pub use query::{AuditEntries, AuditEntry, AuditEntryId, COUNTED, OrganizationSummary, list};
