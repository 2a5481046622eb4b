//! Organizations. Stream id: the organization's UUID.

mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Error;
pub use event::Event;

use crate::{Recorded, UniqueKey};

/// A name no organization may have: it is a word for the default one in paths (core.md 5).
const RESERVED_NAME: &str = "default";

/// The state of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Whether it was created.
    pub exists: bool,
}

/// The unique key that an organization of this name holds.
pub fn name_key(name: &str) -> String {
    format!("organization_name:{}", name.to_lowercase())
}

impl Organization {
    fn decide(&self, command: Command) -> Result<Event, Error> {
        match command {
            Command::CreateOrganization { .. } if self.exists => Err(Error::AlreadyExists),
            Command::CreateOrganization { name, .. }
                if name.as_str().eq_ignore_ascii_case(RESERVED_NAME) =>
            {
                Err(Error::NameReserved {
                    name: name.as_str().to_owned(),
                })
            }
            Command::CreateOrganization {
                name,
                display_name,
                description,
                icon,
                is_default,
            } => Ok(Event::OrganizationCreated {
                name: name.as_str().to_owned(),
                display_name: display_name.as_str().to_owned(),
                description: description.as_str().to_owned(),
                icon: icon.as_str().to_owned(),
                is_default,
            }),
        }
    }
}

impl Aggregate for Organization {
    const TYPE: &'static str = "organization";
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
        match event {
            Event::OrganizationCreated { .. } => self.exists = true,
        }
    }
}

impl Recorded for Organization {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 1;

    fn unique_keys(_stream_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::OrganizationCreated { name, .. } => vec![UniqueKey::Take(name_key(name))],
        }
    }
}
