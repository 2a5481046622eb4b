//! Groups of an organization. Stream id: the group's UUID; the group of everyone has its organization's.
//!
//! A member of a group is a member of its organization. One who leaves the organization is taken out of its groups with
//! [`Command::LeaveGroup`], in the unit of work that ends the membership of the organization. The group of everyone
//! lists no members: it has those of the organization.

mod audit;
mod command;
mod decide;
mod error;
mod event;
mod members;
mod quota_allowance;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::{Command, UpdateGroup};
pub use error::Error;
pub use event::{Event, Source};
pub use members::Members;
pub use quota_allowance::QuotaAllowance;

use crate::{Life, Noun, UniqueKey};

/// The name of the group of everyone, which no other group has (docs/contract/groups.md 7).
pub const EVERYONE: &str = "Everyone";

/// A group that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The organization.
    pub organization_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its name for people; may be empty.
    pub display_name: String,
    /// The URL or path of an image; may be empty.
    pub avatar_url: String,
    /// What each member may spend.
    pub quota_allowance: i32,
    /// Who made it.
    pub source: Source,
    /// Its members; none are listed in the group of everyone.
    pub members: Members,
}

impl Group {
    /// Whether it is the group of everyone in the organization.
    pub fn is_everyone(&self) -> bool {
        self.name == EVERYONE
    }
}

/// The unique key that a group of this name in this organization holds. Names that differ in case are different.
pub fn name_key(organization_id: Uuid, name: &str) -> String {
    format!("group_name:{organization_id}:{name}")
}

impl Noun for Group {
    const TYPE: &'static str = "group";
    const STATE_VERSION: u32 = 2;
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        decide::decide(state, command)
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, state) {
            (
                Event::GroupCreated {
                    organization_id,
                    name,
                    display_name,
                    avatar_url,
                    quota_allowance,
                    source,
                },
                state,
            ) => {
                *state = Life::Live(Self {
                    organization_id,
                    name,
                    display_name,
                    avatar_url,
                    quota_allowance,
                    source,
                    members: Members::default(),
                });
            }
            (
                Event::GroupUpdated {
                    name,
                    display_name,
                    avatar_url,
                    quota_allowance,
                    ..
                },
                Life::Live(group),
            ) => {
                group.name = name;
                group.display_name = display_name;
                group.avatar_url = avatar_url;
                group.quota_allowance = quota_allowance;
            }
            (Event::GroupMembersChanged { added, removed, .. }, Life::Live(group)) => {
                group.members.change(added, removed);
            }
            (Event::GroupDeleted { .. }, state) => *state = Life::Deleted,
            (
                Event::GroupUpdated { .. } | Event::GroupMembersChanged { .. },
                Life::Unknown | Life::Deleted,
            ) => {}
        }
    }
    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::GroupCreated {
                organization_id,
                name,
                ..
            } => vec![UniqueKey::Take(name_key(*organization_id, name))],
            Event::GroupUpdated {
                organization_id,
                previous_name,
                name,
                ..
            } => UniqueKey::renamed(
                name_key(*organization_id, previous_name),
                name_key(*organization_id, name),
            ),
            Event::GroupMembersChanged { .. } => Vec::new(),
            Event::GroupDeleted {
                organization_id,
                name,
            } => vec![UniqueKey::Free(name_key(*organization_id, name))],
        }
    }
}
