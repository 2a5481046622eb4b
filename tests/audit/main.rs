//! `chancery audit` on a real server's record: one module a topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod api;
mod as_of;
mod attest;
mod conduct;
mod deployment;
mod faults;
mod look;
mod pages;
mod projections;
mod replay;
mod settings;
mod signer;
mod terminal;

use sqlx::ConnectOptions;
use support::{Ran, Server};

const CALLBACK: &str = "https://app.example.com/callback";

/// The server's database.
fn url(server: &Server) -> String {
    server.database().options().to_url_lossy().to_string()
}

/// Runs `chancery audit` on the server's database.
async fn audit(server: &Server, arguments: &[&str]) -> Ran {
    let arguments = [&["audit"], arguments].concat();
    support::chancery(&url(server), &arguments).await
}
