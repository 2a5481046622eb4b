//! Groups of an organization. Stream id: the group's UUID; the group of everyone has its organization's.
//!
//! A member of a group is a member of its organization. One who leaves the organization is taken out of its groups with
//! [`Command::LeaveGroup`], in the unit of work that ends the membership of the organization. The group of everyone
//! lists no members: it has those of the organization.

mod audit;
mod decide;
mod error;
mod members;
mod quota_allowance;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

pub use error::Error;
pub use members::Members;
pub use quota_allowance::QuotaAllowance;

use crate::name::{DisplayName, Name};
use crate::organization::OrganizationId;
use crate::patch::changeable;
use crate::text::FreeText;
use crate::user::UserId;
use crate::{Id, Life, Noun, UniqueKey};

/// A group's id.
pub type GroupId = Id<Group>;

/// The name of the group of everyone, which no other group has (docs/contract/groups.md 7).
pub const EVERYONE: &str = "Everyone";

/// The id of the group of everyone in an organization: the organization's.
pub const fn everyone_of(organization_id: OrganizationId) -> GroupId {
    GroupId::new(organization_id.uuid())
}

/// A group that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The organization.
    pub organization_id: OrganizationId,
    /// What may be changed of it.
    #[serde(flatten)]
    pub settings: Settings,
    /// Who made it.
    pub source: Source,
    /// Its members; a new group has none, and none are listed in the group of everyone.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub members: Members,
}

impl Group {
    /// A group without members.
    pub fn new(organization_id: OrganizationId, settings: Settings, source: Source) -> Self {
        Self {
            organization_id,
            settings,
            source,
            members: Members::default(),
        }
    }

    /// Whether it is the group of everyone in the organization.
    fn is_everyone(&self) -> bool {
        self.settings.name.as_str() == EVERYONE
    }
}

changeable! {
    /// What may be changed of a group.
    pub struct Settings, changed by SettingsPatch {
        /// Its name, unique in its organization.
        name: Name,
        /// Its name for people; may be empty.
        display_name: DisplayName,
        /// The URL or path of an image; may be empty.
        avatar_url: FreeText,
        /// What each member may spend.
        quota_allowance: QuotaAllowance,
    }
}

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

/// What can be asked of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates it, without members.
    CreateGroup(Group),
    /// Creates the group of everyone in the organization. Its stream has the organization's id.
    CreateEveryoneGroup {
        /// The organization.
        organization_id: OrganizationId,
    },
    /// Changes it, wholly or not at all. A group that is so already stays as it is.
    UpdateGroup(UpdateGroup),
    /// Ends the membership of a user who leaves the organization. Nothing happens when the user is no member, or the
    /// group is gone.
    LeaveGroup {
        /// The user.
        user_id: UserId,
    },
    /// Deletes it for good.
    DeleteGroup,
}

/// A change of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateGroup {
    /// What changes of its settings.
    pub settings: SettingsPatch,
    /// Who becomes a member; one who is named twice or is a member already is refused. That they belong to the
    /// organization was checked before.
    pub add: Vec<UserId>,
    /// Who is no member any more; one who is none is passed over, and one who is also added ends outside.
    pub remove: BTreeSet<UserId>,
}

/// What happened to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was created, without members. A group whose id is its organization's is the group of everyone.
    GroupCreated(Group),
    /// Its settings were changed.
    GroupUpdated {
        /// The organization.
        organization_id: OrganizationId,
        /// Its name before; another group may take it when it differs from the new one.
        previous_name: Name,
        /// Its settings from now on.
        #[serde(flatten)]
        settings: Settings,
    },
    /// Members came or went.
    GroupMembersChanged {
        /// The organization.
        organization_id: OrganizationId,
        /// Users who became members, in order of id.
        added: Vec<UserId>,
        /// Users who are members no longer, in order of id.
        removed: Vec<UserId>,
    },
    /// It was deleted for good, with its memberships.
    GroupDeleted {
        /// The organization.
        organization_id: OrganizationId,
        /// Its last name, which is free again.
        name: Name,
    },
}

/// The unique key of a group's name in an organization. Names that differ in case are different.
pub fn name_key(organization_id: OrganizationId, name: &str) -> String {
    format!("group_name:{organization_id}:{name}")
}

impl Noun for Group {
    const TYPE: &'static str = "group";
    const STATE_VERSION: u32 = 3;
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        decide::decide(state, command)
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, &mut *state) {
            (Event::GroupCreated(group), _) => *state = Life::Live(group),
            (Event::GroupDeleted { .. }, _) => *state = Life::Deleted,
            (Event::GroupUpdated { settings, .. }, Life::Live(group)) => group.settings = settings,
            (Event::GroupMembersChanged { added, removed, .. }, Life::Live(group)) => {
                group.members.change(added, removed);
            }
            (_, Life::Unknown | Life::Deleted) => {}
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        let key = |of: &OrganizationId, name: &Name| name_key(*of, name.as_str());
        match event {
            Event::GroupCreated(new) => {
                vec![UniqueKey::Take(key(
                    &new.organization_id,
                    &new.settings.name,
                ))]
            }
            Event::GroupUpdated {
                organization_id: of,
                previous_name,
                settings,
            } => UniqueKey::renamed(key(of, previous_name), key(of, &settings.name)),
            Event::GroupMembersChanged { .. } => Vec::new(),
            Event::GroupDeleted {
                organization_id,
                name,
            } => vec![UniqueKey::Free(key(organization_id, name))],
        }
    }
}
