//! The OAuth2 contract over HTTP, against the real server on a database of its own: one module a topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod apps;
mod audit;
mod authorize;
mod bearer;
mod client_configuration;
mod client_document;
mod client_document_refused;
mod code;
mod consent_page;
mod exchange;
mod given;
mod hand_out;
mod introspect;
mod metadata;
mod refresh;
mod registration;
mod registration_rules;
mod resource;
mod revoke;
mod secrets;

/// A callback that is not on the user's machine.
const CALLBACK: &str = "https://app.example.com:8443/callback";

/// Replaces what differs from run to run in a JSON document that is compared with a stored one.
fn with_issuer_replaced(server: &support::Server, json: &serde_json::Value) -> serde_json::Value {
    serde_json::from_str(&json.to_string().replace(&server.url(), "https://issuer")).unwrap()
}
