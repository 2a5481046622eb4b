//! People, organizations and groups, made through the API.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, PASSWORD, Session};

impl<'a> Session<'a> {
    /// Sends JSON with PATCH.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::PATCH, path).json(body)).await
    }

    /// The id of the default organization.
    pub async fn default_organization(&self) -> String {
        let answer = self.get("/api/v2/organizations/default").await;
        answer.expect(200).member("id")
    }

    /// Makes a user in these organizations.
    pub async fn create_person(&self, name: &str, organization_ids: &[&str]) -> Answer {
        let body = json!({
            "username": name, "email": format!("{name}@example.com"), "password": PASSWORD,
            "user_status": "active", "organization_ids": organization_ids,
        });
        self.post("/api/v2/users", &body).await
    }

    /// Makes a user in these organizations and signs in as that user.
    pub async fn person(&self, name: &str, organization_ids: &[&str]) -> Session<'a> {
        self.create_person(name, organization_ids).await.expect(201);
        self.server
            .sign_in(&format!("{name}@example.com"), PASSWORD)
            .await
    }

    /// Makes an organization and returns its id.
    pub async fn organization(&self, name: &str) -> String {
        let body = json!({ "name": name });
        self.post("/api/v2/organizations", &body)
            .await
            .expect(201)
            .member("id")
    }

    /// Makes a group and returns its id.
    pub async fn group(&self, organization: &str, name: &str) -> String {
        let path = format!("/api/v2/organizations/{organization}/groups");
        self.post(&path, &json!({ "name": name }))
            .await
            .expect(201)
            .member("id")
    }

    /// Gives a member these roles in an organization.
    pub async fn set_member_roles(&self, organization: &str, user: &str, roles: &[&str]) -> Answer {
        let path = format!("/api/v2/organizations/{organization}/members/{user}/roles");
        self.put(&path, &json!({ "roles": roles })).await
    }

    /// The entries of the audit trail that match, newest first.
    pub async fn audit(&self, query: &str) -> Vec<Value> {
        let request = self
            .request(Method::GET, "/api/v2/audit")
            .query(&[("q", query)]);
        let answer = Answer::to(request).await.expect(200).json();
        answer["audit_logs"].as_array().unwrap().clone()
    }
}

impl Answer {
    /// Fails the test unless this is an error of the management API with this status and message.
    #[track_caller]
    pub fn expect_error(self, status: u16, message: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.json()["message"], message, "{answer:#?}");
        answer
    }

    /// The fields that a refusal names.
    #[track_caller]
    pub fn fields(&self) -> Vec<String> {
        let body = self.json();
        let validations = body["validations"].as_array().cloned().unwrap_or_default();
        validations
            .iter()
            .map(|one| one["field"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The text members called `name` of a JSON array.
    #[track_caller]
    pub fn each(&self, name: &str) -> Vec<String> {
        let body = self.json();
        let items = body
            .as_array()
            .unwrap_or_else(|| panic!("no array: {body}"));
        items
            .iter()
            .map(|item| item[name].as_str().unwrap().to_owned())
            .collect()
    }
}

/// What everything that does not exist, or may not be known, is answered with.
pub const NOT_FOUND: &str = "Resource not found or you do not have access to this resource";
/// A UUID that names nothing.
pub const UNKNOWN: &str = "5eed0000-0000-4000-8000-000000000000";
