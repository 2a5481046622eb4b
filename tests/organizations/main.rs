//! Organizations, their members and roles over HTTP (docs/contract/core.md 5), against the real server on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod members;
mod organization;
mod rank;
mod roles;

const ORGANIZATIONS: &str = "/api/v2/organizations";

/// The path of an organization.
fn path(organization: &str) -> String {
    format!("{ORGANIZATIONS}/{organization}")
}
