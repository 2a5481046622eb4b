//! What events mean to the audit trail: a module per noun, each a table of its tracked fields and a mapping.

mod api_key;
mod group;
mod license;
mod oauth2_app;
mod oauth2_grant;
mod organization;
mod user;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chancery_aggregates as aggregates;
use chancery_ledger::RecordedEvent;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::diff::Field;
use super::fields::Fields;
use super::resources::ResourceRef;
use crate::ApplyError;
use crate::event::decode;

/// A type of resource and its tracked fields (core.md 7.2, 7.3).
#[derive(Debug)]
pub(super) struct ResourceType {
    pub(super) name: &'static str,
    /// Whether a key may come to be again, as a membership does.
    pub(super) recurs: bool,
    pub(super) fields: &'static [Field],
}

impl ResourceType {
    fn resource(&'static self, key: &str) -> ResourceRef {
        ResourceRef {
            kind: self,
            key: key.to_owned(),
        }
    }
}

/// A name stands for one type.
impl PartialEq for ResourceType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ResourceType {}

impl Hash for ResourceType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Ord for ResourceType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl PartialOrd for ResourceType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What happened to the resource's state.
#[derive(Debug)]
pub(super) enum Change {
    /// It came to be, with these fields.
    Created(Fields),
    /// These fields got these values.
    Written(Fields),
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
    pub(super) resource: ResourceRef,
    pub(super) resource_id: Uuid,
    pub(super) named: Named,
    pub(super) change: Change,
    /// `None`: the state changes, but no entry is written.
    pub(super) attempt: Option<Attempt>,
    /// Whose action it is when the event's metadata names no user.
    pub(super) user_id: Option<Uuid>,
    pub(super) organization_id: Option<Uuid>,
    /// A resource that ends with it, and that nothing more will happen to.
    pub(super) ends: Option<ResourceRef>,
}

/// The aggregate types whose events are described.
pub(super) const AGGREGATE_TYPES: &[&str] = &[
    "api_key",
    "group",
    "license",
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
    License(aggregates::license::Event),
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
            "license" => Self::License(decode(event)?),
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
            Self::License(decoded) => Ok(license::describe(event, decoded)),
            Self::LoginRefusal(decoded) => Ok(api_key::describe_refusal(event, decoded)),
            Self::OAuth2App(decoded) => oauth2_app::describe(event, decoded),
            Self::OAuth2Grant(decoded) => Ok(oauth2_grant::describe(event, &decoded)),
            Self::Organization(decoded) => organization::describe(event, decoded),
            Self::OrganizationMember(decoded) => Ok(organization::describe_member(event, decoded)),
            Self::User(decoded) => user::describe(event, decoded),
        }
    }
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
