//! PostgreSQL for tests: an empty database each in one shared cluster, or a cluster of one's own.
//!
//! The shared cluster is not durable. It lies in the temporary directory, one per user of the machine; every test
//! process attaches to it, and a while after the last one has ended it is stopped (where `flock` is installed). Its
//! files stay for the next run, and are made anew when they are unusable.
//!
//! Everything here panics when PostgreSQL cannot be had, with the reason: a test has no better use for an error.

mod cluster;
mod data_dir;
mod database;
mod proxy;
mod shared;

pub use cluster::{TestCluster, cluster};
pub use data_dir::{DataDir, data_dir};
pub use database::{TestDatabase, database};
pub use proxy::Proxy;
