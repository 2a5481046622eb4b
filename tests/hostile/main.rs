//! What strangers and hostile pages try: each attempt fails, and nobody else notices it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod answers;
mod connections;
mod first_user;
mod forgery;
mod log;
mod metrics;
mod past;
