//! The ledger's properties, against a real PostgreSQL.

mod append;
mod cache;
mod faults;
mod follow;
mod load;
mod order;
mod support;
mod unique_keys;
mod verify;
