//! Who acts and through which request: what becomes the metadata of every event.

use std::net::IpAddr;

use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::provisioner_key::ProvisionerKeyId;
use chancery_aggregates::user::UserId;
use chancery_ledger::EventMetadata;
use uuid::Uuid;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `user`, `oauth2_app`, `provisioner_key`, `scim`, `anonymous`, `system` or `operator`.
    pub kind: &'static str,
    /// The user's, app's or key's id; of an operator, the number by which the operating system knows him.
    pub id: Option<String>,
    /// The user's, app's or key's name; of an operator, his name on the operating system.
    pub name: Option<String>,
    /// The user for whom an OAuth2 app acts.
    pub on_behalf_of: Option<String>,
}

impl Actor {
    /// A user.
    pub fn user(id: UserId, name: impl Into<String>) -> Self {
        Self {
            kind: "user",
            id: Some(id.to_string()),
            name: Some(name.into()),
            on_behalf_of: None,
        }
    }

    /// An OAuth2 app, for itself or for a user.
    pub fn oauth2_app(
        id: OAuth2AppId,
        name: impl Into<String>,
        on_behalf_of: Option<UserId>,
    ) -> Self {
        Self {
            kind: "oauth2_app",
            id: Some(id.to_string()),
            name: Some(name.into()),
            on_behalf_of: on_behalf_of.map(|id| id.to_string()),
        }
    }

    /// A provisioner daemon, by its key.
    pub fn provisioner_key(id: ProvisionerKeyId, name: &str) -> Self {
        Self {
            kind: "provisioner_key",
            id: Some(id.to_string()),
            name: Some(name.to_owned()),
            on_behalf_of: None,
        }
    }

    /// Whoever has the deployment's SCIM key.
    pub fn scim() -> Self {
        Self::bare("scim")
    }

    /// Someone who has not said who he is.
    pub fn anonymous() -> Self {
        Self::bare("anonymous")
    }

    /// The server itself.
    pub fn system() -> Self {
        Self::bare("system")
    }

    /// One who works on the data itself, as the operating system knows him.
    pub fn operator(id: u32, name: impl Into<String>) -> Self {
        Self {
            kind: "operator",
            id: Some(id.to_string()),
            name: Some(name.into()),
            on_behalf_of: None,
        }
    }

    fn bare(kind: &'static str) -> Self {
        Self {
            kind,
            id: None,
            name: None,
            on_behalf_of: None,
        }
    }

    /// The metadata that says who acts, through which request if any, and which server took it.
    pub(crate) fn metadata(
        &self,
        facts: Option<&RequestFacts>,
        server_version: &str,
    ) -> EventMetadata {
        let request_id = facts.map(|facts| facts.request_id.to_string());
        EventMetadata {
            actor_kind: Some(self.kind.to_owned()),
            actor_id: self.id.clone(),
            actor_name: self.name.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            correlation_id: request_id.clone(),
            request_id,
            client_address: facts.map(|facts| facts.client_address.to_string()),
            user_agent: facts.and_then(|facts| facts.user_agent.clone()),
            http_method: facts.map(|facts| facts.method.clone()),
            http_route: facts.and_then(|facts| facts.route.clone()),
            server_version: Some(server_version.to_owned()),
            ..EventMetadata::default()
        }
    }
}

/// What is recorded of the request behind a command.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// The request's id.
    pub request_id: Uuid,
    /// Where it came from.
    pub client_address: IpAddr,
    /// Its method.
    pub method: String,
    /// Its route, with placeholders in place of values.
    pub route: Option<String>,
    /// What the client says it is; bounded and without control characters.
    pub user_agent: Option<String>,
}
