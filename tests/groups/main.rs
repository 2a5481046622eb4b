//! Groups over HTTP (contract groups), against the real server on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod create;
mod delete;
mod everyone;
mod members;
mod quota;
mod races;
mod read;
mod update;

use serde_json::Value;

use support::{Answer, Session};

const GROUPS: &str = "/api/v2/groups";

/// The path of a group.
fn path(id: &str) -> String {
    format!("{GROUPS}/{id}")
}

/// The user names of a group's members.
fn members(group: &Value) -> Vec<&str> {
    let members = group["members"].as_array().expect("members are an array");
    members
        .iter()
        .map(|member| member["username"].as_str().unwrap())
        .collect()
}

/// Adds users to a group, by id or name.
async fn add(session: &Session<'_>, group: &str, users: &[&str]) -> Answer {
    let body = serde_json::json!({ "add_users": users });
    session.patch(&path(group), &body).await
}
