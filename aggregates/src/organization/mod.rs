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

use crate::name::{DisplayName, Name};
use crate::text::FreeText;
use crate::{Recorded, UniqueKey};

/// A name no organization may have: it is a word for the default one in paths (core.md 5).
const RESERVED_NAME: &str = "default";

/// The state of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Organization {
    /// Not created.
    #[default]
    Unknown,
    /// Exists.
    Live(Profile),
    /// Deleted for good.
    Deleted,
}

/// What an organization that exists is like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its unique name.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// Free text.
    pub description: String,
    /// The URL or path of an image; may be empty.
    pub icon: String,
    /// Whether it is the one made with the deployment.
    pub is_default: bool,
}

/// The unique key that an organization of this name holds.
pub fn name_key(name: &str) -> String {
    format!("organization_name:{}", name.to_lowercase())
}

/// Refuses a name that is a reserved word.
pub fn check_name(name: &Name) -> Result<(), Error> {
    if name.as_str().eq_ignore_ascii_case(RESERVED_NAME) {
        return Err(Error::NameReserved {
            name: name.as_str().to_owned(),
        });
    }
    Ok(())
}

impl Organization {
    fn live(&self) -> Result<&Profile, Error> {
        match self {
            Self::Live(profile) => Ok(profile),
            Self::Unknown | Self::Deleted => Err(Error::NotFound),
        }
    }

    fn decide(&self, command: Command) -> Result<Option<Event>, Error> {
        match command {
            Command::CreateOrganization { .. } if *self != Self::Unknown => {
                Err(Error::AlreadyExists)
            }
            Command::CreateOrganization {
                name,
                display_name,
                description,
                icon,
                is_default,
            } => {
                check_name(&name)?;
                Ok(Some(Event::OrganizationCreated {
                    name: name.as_str().to_owned(),
                    display_name: display_name.as_str().to_owned(),
                    description: description.as_str().to_owned(),
                    icon: icon.as_str().to_owned(),
                    is_default,
                }))
            }
            Command::UpdateOrganization {
                name,
                display_name,
                description,
                icon,
            } => {
                let before = self.live()?;
                if let Some(name) = &name {
                    check_name(name)?;
                }
                let after = Profile {
                    name: chosen(name.as_ref().map(Name::as_str), &before.name),
                    display_name: chosen(
                        display_name.as_ref().map(DisplayName::as_str),
                        &before.display_name,
                    ),
                    description: chosen(
                        description.as_ref().map(FreeText::as_str),
                        &before.description,
                    ),
                    icon: chosen(icon.as_ref().map(FreeText::as_str), &before.icon),
                    is_default: before.is_default,
                };
                Ok((after != *before).then(|| Event::OrganizationUpdated {
                    previous_name: before.name.clone(),
                    name: after.name,
                    display_name: after.display_name,
                    description: after.description,
                    icon: after.icon,
                }))
            }
            Command::DeleteOrganization => {
                let profile = self.live()?;
                if profile.is_default {
                    return Err(Error::DefaultNotDeletable);
                }
                Ok(Some(Event::OrganizationDeleted {
                    name: profile.name.clone(),
                }))
            }
        }
    }
}

fn chosen(new: Option<&str>, present: &str) -> String {
    new.unwrap_or(present).to_owned()
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
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match (event, self) {
            (
                Event::OrganizationCreated {
                    name,
                    display_name,
                    description,
                    icon,
                    is_default,
                },
                organization,
            ) => {
                *organization = Self::Live(Profile {
                    name,
                    display_name,
                    description,
                    icon,
                    is_default,
                });
            }
            (
                Event::OrganizationUpdated {
                    name,
                    display_name,
                    description,
                    icon,
                    ..
                },
                Self::Live(profile),
            ) => {
                *profile = Profile {
                    name,
                    display_name,
                    description,
                    icon,
                    is_default: profile.is_default,
                };
            }
            (Event::OrganizationDeleted { .. }, organization) => *organization = Self::Deleted,
            // No command records an update of what is not live.
            (Event::OrganizationUpdated { .. }, Self::Unknown | Self::Deleted) => {}
        }
    }
}

impl Recorded for Organization {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 2;

    fn unique_keys(_stream_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::OrganizationCreated { name, .. } => vec![UniqueKey::Take(name_key(name))],
            Event::OrganizationUpdated {
                previous_name,
                name,
                ..
            } => UniqueKey::renamed(name_key(previous_name), name_key(name)),
            Event::OrganizationDeleted { name } => vec![UniqueKey::Free(name_key(name))],
        }
    }
}
