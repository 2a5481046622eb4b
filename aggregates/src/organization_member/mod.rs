//! Membership of a user in an organization. Stream id: [`stream_id`].

mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::Command;
pub use error::Error;
pub use event::Event;

use crate::Recorded;

/// The state of a membership.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationMember {
    /// The user's roles in the organization, besides the implicit `organization-member`; `None` while the user is no
    /// member.
    pub roles: Option<Vec<String>>,
}

/// The stream of one user's membership in one organization: `<organization>:<user>`.
pub fn stream_id(organization_id: Uuid, user_id: Uuid) -> String {
    format!("{organization_id}:{user_id}")
}

impl OrganizationMember {
    fn decide(&self, command: Command) -> Result<Option<Event>, Error> {
        match (command, &self.roles) {
            (Command::AddOrganizationMember { .. }, Some(_)) => Err(Error::AlreadyMember),
            (
                Command::AddOrganizationMember {
                    organization_id,
                    user_id,
                    roles,
                },
                None,
            ) => Ok(Some(Event::OrganizationMemberAdded {
                organization_id,
                user_id,
                roles,
            })),
            (
                Command::ChangeOrganizationMemberRoles { .. }
                | Command::RemoveOrganizationMember { .. },
                None,
            ) => Err(Error::NotMember),
            (
                Command::ChangeOrganizationMemberRoles {
                    organization_id,
                    user_id,
                    roles,
                },
                Some(present),
            ) => Ok(
                (roles != *present).then_some(Event::OrganizationMemberRolesChanged {
                    organization_id,
                    user_id,
                    roles,
                }),
            ),
            (
                Command::RemoveOrganizationMember {
                    organization_id,
                    user_id,
                },
                Some(_),
            ) => Ok(Some(Event::OrganizationMemberRemoved {
                organization_id,
                user_id,
            })),
        }
    }
}

impl Aggregate for OrganizationMember {
    const TYPE: &'static str = "organization_member";
    type Command = Command;
    type Event = Event;
    type Error = Error;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Error> {
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.roles = match event {
            Event::OrganizationMemberAdded { roles, .. }
            | Event::OrganizationMemberRolesChanged { roles, .. } => Some(roles),
            Event::OrganizationMemberRemoved { .. } => None,
        };
    }
}

impl Recorded for OrganizationMember {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 2;
}
