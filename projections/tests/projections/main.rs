//! The projections against a real PostgreSQL, fed through the real ledger by the real aggregates.

mod audit;
mod exactly_once;
mod groups;
mod history;
mod loader;
mod poison;
mod read_models;
mod rebuild;
mod toy;
mod users;
mod version;
mod waiting;
mod world;
