//! Bad input on the OAuth2 endpoints: each gets its clear error and leaves no event behind but the recorded refusal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod authorization;
mod consent;
mod credentials;
mod exchange;
mod transport;

use support::{EventCounts, Server};

const CALLBACK: &str = "https://app.example.com/callback";
/// What a refused attempt leaves behind that is not worth an event.
const NOTHING: [&str; 0] = [];

/// What was recorded while `attempt` ran.
async fn recorded_by<T>(server: &Server, attempt: impl Future<Output = T>) -> (T, Vec<String>) {
    let before = EventCounts::of(server.pool()).await;
    let outcome = attempt.await;
    let after = EventCounts::of(server.pool()).await;
    (outcome, before.until(&after))
}
