//! The domain: commands in, events out. No I/O, no clock, no randomness.
//!
//! Each noun has a folder with its aggregate, [`Command`](oauth2_grant::Command)s, events and errors. Everything
//! non-deterministic (ids, hashes, times) enters with a command; raw secrets never do. Values are validated before they
//! enter a command by the typed value modules ([`name`], [`email`], [`oauth2`]); events hold plain strings, so that a
//! stricter rule never makes a recorded event unreadable.

#[macro_use]
mod macros;

pub mod api_key;
pub mod catalogue;
pub mod deployment;
pub mod email;
pub mod group;
pub mod login_refusal;
pub mod login_type;
pub mod name;
pub mod oauth2;
pub mod oauth2_app;
pub mod oauth2_grant;
pub mod organization;
pub mod organization_member;
pub mod password_hash;
pub mod personal;
pub mod quiet_hours;
pub mod recorded;
pub mod refusal;
pub mod text;
pub mod user;
pub mod validation;

pub use personal::Personal;
pub use recorded::{Recorded, UniqueKey};
pub use refusal::{Refusal, RefusalClass};
