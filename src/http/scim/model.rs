//! A user as the founding dialect takes and echoes it (docs/contract/scim.md 2).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::base::json::null_as_default;

/// A user. What is not named here is neither kept nor answered.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = SCIMUser)]
pub struct ScimUser {
    /// The schemas that it follows.
    pub schemas: Option<Vec<String>>,
    /// The user's id. What is sent counts for nothing.
    #[serde(deserialize_with = "null_as_default")]
    pub id: String,
    /// The user name; where it is none that Chancery can give, one is made of it.
    #[serde(deserialize_with = "null_as_default")]
    pub user_name: String,
    /// The person's name. It is not kept.
    #[serde(deserialize_with = "null_as_default")]
    pub name: ScimName,
    /// The e-mail addresses. The primary one is kept, when the user is made.
    pub emails: Option<Vec<ScimEmail>>,
    /// Whether the user may sign in.
    pub active: Option<bool>,
    /// Groups. They count for nothing.
    #[schema(value_type = Option<Vec<Object>>)]
    pub groups: Option<Vec<Value>>,
    /// What is known of it.
    #[serde(deserialize_with = "null_as_default")]
    pub meta: ScimMeta,
}

/// A person's name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ScimName {
    /// The given name.
    #[serde(deserialize_with = "null_as_default")]
    given_name: String,
    /// The family name.
    #[serde(deserialize_with = "null_as_default")]
    family_name: String,
}

/// An e-mail address.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ScimEmail {
    /// Whether it is the one that counts.
    #[serde(deserialize_with = "null_as_default")]
    pub primary: bool,
    /// The address.
    #[serde(deserialize_with = "null_as_default")]
    pub value: String,
    /// What it is for, such as `work`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    kind: String,
    /// How it is shown.
    #[serde(deserialize_with = "null_as_default")]
    display: String,
}

/// What is known of a resource.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ScimMeta {
    /// `User`.
    #[serde(deserialize_with = "null_as_default")]
    resource_type: String,
}

impl ScimUser {
    /// The address that counts.
    pub fn primary_email(&self) -> Option<&str> {
        let emails = self.emails.iter().flatten();
        let mut primary = emails.filter(|email| email.primary);
        primary.next().map(|email| email.value.as_str())
    }
}

/// The answer to every search: there are such users, and none is shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SCIMListResponse)]
pub struct NothingListed {
    schemas: [&'static str; 1],
    total_results: u8,
    start_index: u8,
    items_per_page: u8,
}

impl NothingListed {
    /// The one answer that there is.
    pub const ANSWER: Self = Self {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        total_results: 0,
        start_index: 1,
        items_per_page: 0,
    };
}
