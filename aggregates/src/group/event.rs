use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use uuid::Uuid;

/// Who made a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    /// A person or program, through the API.
    User,
    /// The synchronisation of groups from an identity provider.
    Oidc,
}

impl Source {
    /// The name on the wire and in events.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What happened to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was created, without members. A group whose id is its organization's is the group of everyone.
    GroupCreated {
        /// The organization.
        organization_id: Uuid,
        /// Its name, unique in its organization.
        name: String,
        /// Its name for people; may be empty.
        display_name: String,
        /// The URL or path of an image; may be empty.
        avatar_url: String,
        /// What each member may spend: 0 to 2^31 - 1 credits.
        quota_allowance: i32,
        /// Who made it.
        source: Source,
    },
    /// Its settings were changed.
    GroupUpdated {
        /// The organization.
        organization_id: Uuid,
        /// Its name before; another group may take it when it differs from `name`.
        previous_name: String,
        /// Its name from now on.
        name: String,
        /// Its name for people from now on.
        display_name: String,
        /// The URL or path of an image from now on.
        avatar_url: String,
        /// What each member may spend from now on.
        quota_allowance: i32,
    },
    /// Members came or went.
    GroupMembersChanged {
        /// The organization.
        organization_id: Uuid,
        /// Users who became members, in order of id.
        added: Vec<Uuid>,
        /// Users who are members no longer, in order of id.
        removed: Vec<Uuid>,
    },
    /// It was deleted for good, with its memberships.
    GroupDeleted {
        /// The organization.
        organization_id: Uuid,
        /// Its last name, which is free again.
        name: String,
    },
}
