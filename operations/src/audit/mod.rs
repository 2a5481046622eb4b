//! The audit trail (contract audit).

mod list;
mod reach;

pub use chancery_projections::audit::{AuditEntry, AuditEntryId, AuditFilter, AuditPage};
pub use list::{AuditSearch, list};
