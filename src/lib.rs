//! Chancery: an event-sourced OAuth 2.1 authorization server and identity control plane.
//!
//! This crate is the program: settings, HTTP, command line and wiring. The use cases, the domain, the event store and the
//! read models are crates of their own.

pub mod app;
pub mod cli;
pub mod config;
pub mod http;
pub mod metrics;
pub mod rate_limit;
pub mod record;
pub mod setup_code;
pub mod signing_key;
pub mod version;

pub use chancery_operations::{clock, moment, randomness, secret};
