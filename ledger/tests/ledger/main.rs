//! The ledger's properties, against a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod append;
mod beside;
mod cache;
mod checkpoints;
mod export;
mod faults;
mod follow;
mod format;
mod history;
mod load;
mod lost_connection;
mod memory;
mod order;
mod support;
mod swap;
mod unique_keys;
mod upcast;
mod verify;
