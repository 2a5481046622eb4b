//! Membership of a user in an organization. Stream id: [`stream_id`].

mod audit;
mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Error;
pub use event::Event;

use crate::organization::OrganizationId;
use crate::user::UserId;
use crate::{Life, Noun, UniqueKey};

/// A user's membership in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationMember {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The user.
    pub user_id: UserId,
    /// The user's roles in the organization, besides the implicit `organization-member`.
    pub roles: Vec<String>,
}

/// The stream of one user's membership in one organization: `<organization>:<user>`.
pub fn stream_id(organization_id: OrganizationId, user_id: UserId) -> String {
    format!("{organization_id}:{user_id}")
}

/// The family of unique keys that a user's memberships hold: who asks for it learns all organizations of the user.
pub fn memberships_of(user_id: UserId) -> String {
    format!("organization_member:{user_id}:")
}

fn membership_key(organization_id: OrganizationId, user_id: UserId) -> String {
    format!("{}{organization_id}", memberships_of(user_id))
}

impl Noun for OrganizationMember {
    const TYPE: &'static str = "organization_member";
    const STATE_VERSION: u32 = 3;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    /// Who left may come again.
    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::AddOrganizationMember { .. } if state.live().is_some() => {
                Err(Error::AlreadyMember)
            }
            Command::AddOrganizationMember {
                organization_id,
                user_id,
                roles,
            } => Ok(vec![Event::OrganizationMemberAdded {
                organization_id,
                user_id,
                roles,
            }]),
            Command::ChangeOrganizationMemberRoles {
                organization_id,
                user_id,
                roles,
            } => {
                let present = state.live().ok_or(Error::NotMember)?;
                if roles == present.roles {
                    return Ok(Vec::new());
                }
                Ok(vec![Event::OrganizationMemberRolesChanged {
                    organization_id,
                    user_id,
                    roles,
                }])
            }
            Command::RemoveOrganizationMember {
                organization_id,
                user_id,
            } => {
                state.live().ok_or(Error::NotMember)?;
                Ok(vec![Event::OrganizationMemberRemoved {
                    organization_id,
                    user_id,
                }])
            }
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        *state = match event {
            Event::OrganizationMemberAdded {
                organization_id,
                user_id,
                roles,
            }
            | Event::OrganizationMemberRolesChanged {
                organization_id,
                user_id,
                roles,
            } => Life::Live(Self {
                organization_id,
                user_id,
                roles,
            }),
            Event::OrganizationMemberRemoved { .. } => Life::Deleted,
        };
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::OrganizationMemberAdded {
                organization_id,
                user_id,
                ..
            } => vec![UniqueKey::Take(membership_key(*organization_id, *user_id))],
            Event::OrganizationMemberRemoved {
                organization_id,
                user_id,
            } => vec![UniqueKey::Free(membership_key(*organization_id, *user_id))],
            Event::OrganizationMemberRolesChanged { .. } => Vec::new(),
        }
    }
}
