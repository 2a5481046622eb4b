use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who made an event happen, from where, in which request. Never holds a secret.
///
/// Recorded as a flat JSON object of strings; what is not known is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventMetadata {
    /// What kind of actor: for example `user`, `oauth2_app`, `system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_kind: Option<String>,
    /// The actor's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<String>,
    /// The actor's name at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// Id of the one the actor acted for, when that is someone else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// Id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Id shared by everything that belongs to one piece of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Id of what led to this event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    /// Network address of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_address: Option<String>,
    /// The client's `User-Agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Method of the HTTP request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_method: Option<String>,
    /// Route of the HTTP request, with placeholders in place of values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_route: Option<String>,
    /// Version of the program that recorded the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
}

/// What a command is carried out with: the caller injects time and randomness.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// Recorded with every event of the command.
    pub metadata: EventMetadata,
    /// Time of the command. Events are recorded at this time, or at the ledger's last time where that is later.
    pub now: DateTime<Utc>,
    /// Id of the append, unique for each command carried out.
    pub append_id: Uuid,
}
