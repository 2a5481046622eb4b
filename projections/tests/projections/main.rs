//! The projections against a real PostgreSQL, fed through the real ledger by the real aggregates.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod audit_pages;
mod audit_plain;
mod audit_plans;
mod beside;
mod described;
mod exactly_once;
mod grant_rows;
mod group_plans;
mod groups;
mod half_open;
mod history;
mod lost_history;
mod place;
mod poison;
mod read_models;
mod rebuild;
mod registry;
mod restarts;
mod roles;
mod statements;
mod together;
mod toy;
mod upcast;
mod user_plans;
mod users;
mod version;
mod waiting;
mod world;
