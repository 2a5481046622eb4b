//! Organizations. Stream id: the organization's UUID.

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

use crate::name::{DisplayName, Name};
use crate::text::FreeText;
use crate::{Life, Noun, UniqueKey};

/// A name no organization may have: it is a word for the default one in paths (core.md 5).
const RESERVED_NAME: &str = "default";

/// An organization that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
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

fn chosen(new: Option<&str>, present: &str) -> String {
    new.unwrap_or(present).to_owned()
}

impl Noun for Organization {
    const TYPE: &'static str = "organization";
    const STATE_VERSION: u32 = 2;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::CreateOrganization {
                name,
                display_name,
                description,
                icon,
                is_default,
            } => {
                state.must_be_new(Error::AlreadyExists)?;
                check_name(&name)?;
                Ok(vec![Event::OrganizationCreated {
                    name: name.as_str().to_owned(),
                    display_name: display_name.as_str().to_owned(),
                    description: description.as_str().to_owned(),
                    icon: icon.as_str().to_owned(),
                    is_default,
                }])
            }
            Command::UpdateOrganization {
                name,
                display_name,
                description,
                icon,
            } => {
                let before = state.live().ok_or(Error::NotFound)?;
                if let Some(name) = &name {
                    check_name(name)?;
                }
                let after = Self {
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
                if after == *before {
                    return Ok(Vec::new());
                }
                Ok(vec![Event::OrganizationUpdated {
                    previous_name: before.name.clone(),
                    name: after.name,
                    display_name: after.display_name,
                    description: after.description,
                    icon: after.icon,
                }])
            }
            Command::DeleteOrganization => {
                let organization = state.live().ok_or(Error::NotFound)?;
                if organization.is_default {
                    return Err(Error::DefaultNotDeletable);
                }
                Ok(vec![Event::OrganizationDeleted {
                    name: organization.name.clone(),
                }])
            }
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, state) {
            (
                Event::OrganizationCreated {
                    name,
                    display_name,
                    description,
                    icon,
                    is_default,
                },
                state,
            ) => {
                *state = Life::Live(Self {
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
                Life::Live(organization),
            ) => {
                *organization = Self {
                    name,
                    display_name,
                    description,
                    icon,
                    is_default: organization.is_default,
                };
            }
            (Event::OrganizationDeleted { .. }, state) => *state = Life::Deleted,
            (Event::OrganizationUpdated { .. }, Life::Unknown | Life::Deleted) => {}
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
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
