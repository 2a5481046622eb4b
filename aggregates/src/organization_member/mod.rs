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
    /// Whether the user is a member now.
    pub is_member: bool,
}

/// The stream of one user's membership in one organization: `<organization>:<user>`.
pub fn stream_id(organization_id: Uuid, user_id: Uuid) -> String {
    format!("{organization_id}:{user_id}")
}

impl OrganizationMember {
    fn decide(&self, command: Command) -> Result<Event, Error> {
        match (command, self.is_member) {
            (Command::AddOrganizationMember { .. }, true) => Err(Error::AlreadyMember),
            (
                Command::AddOrganizationMember {
                    organization_id,
                    user_id,
                    roles,
                },
                false,
            ) => Ok(Event::OrganizationMemberAdded {
                organization_id,
                user_id,
                roles,
            }),
            (Command::RemoveOrganizationMember { .. }, false) => Err(Error::NotMember),
            (
                Command::RemoveOrganizationMember {
                    organization_id,
                    user_id,
                },
                true,
            ) => Ok(Event::OrganizationMemberRemoved {
                organization_id,
                user_id,
            }),
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
        let event = self.decide(command)?;
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.is_member = match event {
            Event::OrganizationMemberAdded { .. } => true,
            Event::OrganizationMemberRemoved { .. } => false,
        };
    }
}

impl Recorded for OrganizationMember {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 1;
}
