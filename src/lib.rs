//! Chancery: an event-sourced OAuth 2.1 authorization server and identity control plane.
//!
//! This crate is the program: settings, HTTP, command line, authorization policy and wiring. The domain, the event store
//! and the read models are crates of their own.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod http;
pub mod key_use;
pub mod metrics;
pub mod moment;
pub mod password;
pub mod password_strength;
pub mod policy;
pub mod randomness;
pub mod rate_limit;
pub mod record;
pub mod secret;
pub mod signing_key;
pub mod version;
