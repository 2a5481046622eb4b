//! The use cases: who may do what, and what it comes to.
//!
//! A transport (HTTP, the command line, a job) knows who asks, and calls an operation: `user::create`, `group::update`. The
//! operation asks the [`policy`] for leave, which is bound to one action on one thing, and only with it can anything be
//! recorded: the ledger is reached from this crate alone. Conflicts are retried here, and read models waited for, so whoever
//! got an answer reads it back. What fails is a [`Failure`], which no transport shapes: each maps it last.

pub mod actor;
pub mod api_key;
pub mod audit;
pub mod authenticate;
mod author;
pub mod caller;
pub mod clock;
pub mod credential;
pub mod deployment;
pub mod failure;
pub mod form;
pub mod group;
pub mod idp_sync;
pub mod key_use;
mod leave;
pub mod license;
pub mod moment;
pub mod oauth2_app;
pub mod oauth2_grant;
pub mod oauth2_settings;
pub mod operator;
pub mod organization;
pub mod organization_member;
pub mod password;
mod password_attempts;
pub mod password_strength;
pub mod past;
pub mod policy;
pub mod provisioner_daemon;
pub mod provisioner_key;
pub mod randomness;
pub mod rate;
mod reference;
mod role_names;
pub mod scim;
pub mod secret;
pub mod services;
mod shown;
mod stamps;
mod standing;
#[cfg(test)]
mod testing;
mod tidying;
mod unit;
pub mod user;
pub mod workspace_quota;

pub use actor::{Actor, RequestFacts};
pub use caller::{Caller, Guest};
pub use chancery_outbound::Settings as OutboundSettings;
pub use failure::{Failure, InvalidField, Refused};
pub use operator::Operator;
pub use password_attempts::host_of;
pub use services::{Lifetimes, PoolUse, QuietHours, Services, Settings};
