//! What events mean to the audit trail: a module per noun, each a table of its tracked fields and a mapping.

mod api_key;
mod group;
mod oauth2_app;
mod oauth2_grant;
mod organization;
mod user;

use std::sync::Arc;

use chancery_aggregates as aggregates;
use chancery_ledger::RecordedEvent;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::diff::Field;
use super::resources::ResourceRef;
use crate::ApplyError;
use crate::event::decode;

/// A type of resource and its tracked fields (core.md 7.2, 7.3).
#[derive(Debug)]
pub(super) struct ResourceType {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// What happened to the resource's state.
#[derive(Debug)]
pub(super) enum Change {
    /// It came to be, with these fields.
    Created(Map<String, Value>),
    /// These fields got these values.
    Written(Map<String, Value>),
    /// The list in this field got and lost these elements.
    Listed {
        field: &'static str,
        added: Vec<Value>,
        removed: Vec<Value>,
    },
    /// It was deleted.
    Deleted,
    /// Nothing: the attempt was refused.
    Refused,
}

/// An attempt as the audit API shows it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) action: &'static str,
    /// The HTTP status that such an attempt is answered with.
    pub(super) status_code: i32,
    pub(super) additional_fields: Value,
}

/// Where the name and icon of an entry come from.
#[derive(Debug)]
pub(super) enum Named {
    /// The event says: name and icon.
    Event(String, String),
    /// As it was named before.
    Before,
    /// It has another resource's name.
    After(ResourceRef),
}

/// What an event means.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) resource_type: &'static ResourceType,
    pub(super) resource_key: String,
    pub(super) resource_id: Uuid,
    pub(super) named: Named,
    pub(super) change: Change,
    /// `None`: the state changes, but no entry is written.
    pub(super) attempt: Option<Attempt>,
    /// Whose action it is when the event's metadata names no user.
    pub(super) user_id: Option<Uuid>,
    pub(super) organization_id: Option<Uuid>,
}

/// The aggregate types whose events are described.
pub(super) const AGGREGATE_TYPES: &[&str] = &[
    "api_key",
    "group",
    "login_refusal",
    "oauth2_app",
    "oauth2_grant",
    "organization",
    "organization_member",
    "user",
];

/// A decoded event of a described aggregate type.
pub(super) enum Event {
    ApiKey(aggregates::api_key::Event),
    Group(aggregates::group::Event),
    LoginRefusal(aggregates::login_refusal::Event),
    OAuth2App(aggregates::oauth2_app::Event),
    OAuth2Grant(aggregates::oauth2_grant::Event),
    Organization(aggregates::organization::Event),
    OrganizationMember(aggregates::organization_member::Event),
    User(aggregates::user::Event),
}

impl Event {
    pub(super) fn decode(event: &RecordedEvent) -> Result<Self, ApplyError> {
        Ok(match event.aggregate_type.as_str() {
            "api_key" => Self::ApiKey(decode(event)?),
            "group" => Self::Group(decode(event)?),
            "login_refusal" => Self::LoginRefusal(decode(event)?),
            "oauth2_app" => Self::OAuth2App(decode(event)?),
            "oauth2_grant" => Self::OAuth2Grant(decode(event)?),
            "organization" => Self::Organization(decode(event)?),
            "organization_member" => Self::OrganizationMember(decode(event)?),
            "user" => Self::User(decode(event)?),
            other => {
                return Err(ApplyError::event(
                    event,
                    format!("the audit trail does not know {other}"),
                ));
            }
        })
    }

    /// What the event means.
    pub(super) fn describe(self, event: &Arc<RecordedEvent>) -> Result<Description, ApplyError> {
        match self {
            Self::ApiKey(decoded) => Ok(api_key::describe(event, decoded)),
            Self::Group(decoded) => group::describe(event, decoded),
            Self::LoginRefusal(decoded) => Ok(api_key::describe_refusal(event, decoded)),
            Self::OAuth2App(decoded) => oauth2_app::describe(event, decoded),
            Self::OAuth2Grant(decoded) => Ok(oauth2_grant::describe(event, &decoded)),
            Self::Organization(decoded) => organization::describe(event, decoded),
            Self::OrganizationMember(decoded) => Ok(organization::describe_member(event, decoded)),
            Self::User(decoded) => user::describe(event, decoded),
        }
    }
}

/// A state's fields from pairs.
fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// An attempt without additional fields.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a description has an attempt or none"
)]
fn attempt(action: &'static str, status_code: i32) -> Option<Attempt> {
    Some(Attempt {
        action,
        status_code,
        additional_fields: Value::Object(Map::new()),
    })
}
