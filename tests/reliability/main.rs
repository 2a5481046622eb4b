//! What must hold when something dies: the server, PostgreSQL, or one of two requests that race.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod kill;
mod outage;
mod proof;
mod races;
mod replicas;
mod standing;

/// A callback that is not on the user's machine.
const CALLBACK: &str = "https://app.example.com/callback";
