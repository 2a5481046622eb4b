//! Users, their keys and quiet hours over HTTP, against the real server on a database of its own: one module a topic.
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
mod expiry;
mod hand_out;
mod list;
mod operator;
mod password;
mod profile;
mod quiet_hours;
mod read;
mod roles;
mod status;
mod tokens;

use serde_json::{Value, json};
use support::{Answer, PASSWORD, Session};

const USERS: &str = "/api/v2/users";
const UNKNOWN: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";
const NOT_FOUND: &str = "Resource not found or you do not have access to this resource";

/// The organization that the session's user belongs to.
async fn organization_of(session: &Session<'_>) -> String {
    let me = session.get("/api/v2/users/me").await.expect(200).json();
    me["organization_ids"][0].as_str().unwrap().to_owned()
}

/// A request for an active user with a password.
async fn body(owner: &Session<'_>, username: &str) -> Value {
    json!({
        "username": username,
        "email": email(username),
        "password": PASSWORD,
        "user_status": "active",
        "organization_ids": [organization_of(owner).await],
    })
}

fn email(username: &str) -> String {
    format!("{username}@example.com")
}

/// Creates an active user with a password.
async fn create(owner: &Session<'_>, username: &str) -> Answer {
    let body = body(owner, username).await;
    owner.post(USERS, &body).await.expect(201)
}

/// Creates a user with these site roles, and signs it in.
async fn person<'a>(owner: &Session<'a>, username: &str, roles: &[&str]) -> Session<'a> {
    let id = create(owner, username).await.member("id");
    if !roles.is_empty() {
        let path = format!("{USERS}/{id}/roles");
        owner
            .put(&path, &json!({ "roles": roles }))
            .await
            .expect(200);
    }
    owner.server.sign_in(&email(username), PASSWORD).await
}

/// The fields that an answer finds fault with.
fn fields(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let validations = json["validations"].as_array().expect("validations");
    let field = |validation: &Value| validation["field"].as_str().unwrap().to_owned();
    validations.iter().map(field).collect()
}

#[track_caller]
fn assert_not_found(answer: Answer) {
    assert_eq!(answer.expect(404).member("message"), NOT_FOUND);
}
