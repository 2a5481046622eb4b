//! SCIM as the deployment's key speaks it (docs/contract/scim.md 1 to 4), against the real server on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod audit;
mod create;
mod status;

use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use support::{Answer, Server};

/// The deployment's key.
const KEY: &str = "the-key-of-the-tests-0123456789";
const USERS: &str = "/scim/v2/Users";

/// A server that has the key.
async fn server() -> Server {
    Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_SCIM_KEY", KEY),
    ])
    .await
}

/// Asks with the key.
async fn ask(server: &Server, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let mut request = server
        .request(method, path)
        .header(AUTHORIZATION, format!("Bearer {KEY}"));
    if let Some(body) = body {
        request = request.json(body);
    }
    Answer::to(request).await
}

/// A user as an identity provider sends it.
fn sent(username: &str, active: bool) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": username,
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [
            { "primary": false, "value": format!("{username}@other.example"), "type": "home", "display": "" },
            { "primary": true, "value": format!("{username}@example.com"), "type": "work", "display": "work" },
        ],
        "active": active,
        "groups": [],
        "meta": { "resourceType": "User" },
    })
}

/// Makes a user, and returns the answer.
async fn provision(server: &Server, user: &Value) -> Value {
    let answer = ask(server, Method::POST, USERS, Some(user)).await;
    answer.expect(200).json()
}

impl Answer {
    /// Fails the test unless this is an error of the founding dialect.
    #[track_caller]
    fn expect_scim_error(self, status: u16, scim_type: &str, detail: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/scim+json");
        let body = answer.json();
        assert_eq!(
            body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(
            (&body["status"], &body["scimType"]),
            (&json!(status), &json!(scim_type))
        );
        let text = body["detail"].as_str().unwrap();
        assert!(
            !text.is_empty() && text.contains(detail),
            "{detail:?} should be in {body}"
        );
        answer
    }
}
