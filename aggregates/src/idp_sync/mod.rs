//! Synchronisation with an identity provider: what its claims say of people decides where they belong
//! (docs/contract/idpsync.md).
//!
//! The settings are three nouns, which are commanded alike: [`organization_sync`] of the deployment, [`group_sync`] and
//! [`role_sync`] of each organization. What claims come to by them is a pure function, an [`Outcome`] that says of each
//! value by which rule it counted: what is done at a sign-in, and why, and what another setting would do are one answer.

mod claim;
mod filter;
pub mod group_sync;
mod mapping;
pub mod organization_sync;
mod outcome;
pub mod role_sync;
mod settings;
#[cfg(test)]
mod tests;

pub use claim::{Claims, Unreadable};
pub use filter::{InvalidFilter, RegexFilter};
pub use mapping::{Mapping, MappingPatch, Pair};
pub use outcome::{Outcome, Rule, Ruled, Ruling, Skipped};
use settings::recorded_whole;
pub use settings::{Change, Command, Error, Settings};
