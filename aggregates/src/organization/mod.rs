//! Organizations. Stream id: the organization's UUID.

mod audit;
mod error;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

pub use error::Error;

use crate::name::{DisplayName, Name};
use crate::patch::changeable;
use crate::text::FreeText;
use crate::{Id, Life, Noun, UniqueKey};

/// An organization's id.
pub type OrganizationId = Id<Organization>;

/// A name no organization may have: it is a word for the default one in paths (docs/contract/core.md 5).
const RESERVED_NAME: &str = "default";

/// An organization that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// What may be changed of it.
    #[serde(flatten)]
    pub profile: Profile,
    /// Whether it is the one made with the deployment.
    pub is_default: bool,
}

changeable! {
    /// How an organization presents itself.
    pub struct Profile, changed by ProfilePatch {
        /// Its unique name.
        name: Name,
        /// Its name for people.
        display_name: DisplayName,
        /// Free text.
        description: FreeText,
        /// The URL or path of an image; may be empty.
        icon: FreeText,
    }
}

/// What can be asked of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates it.
    CreateOrganization(Organization),
    /// Changes it; an organization that is so already stays as it is.
    UpdateOrganization(ProfilePatch),
    /// Deletes it for good, with its groups and memberships.
    DeleteOrganization,
}

/// What happened to an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was created.
    OrganizationCreated(Organization),
    /// It was changed.
    OrganizationUpdated {
        /// Its name before; another stream may take it when it differs from the new one.
        previous_name: Name,
        /// Its profile from now on.
        #[serde(flatten)]
        profile: Profile,
    },
    /// It was deleted for good. All its memberships and groups ended with it, without events of their own.
    OrganizationDeleted {
        /// Its last name, which is free again.
        name: Name,
    },
}

impl Noun for Organization {
    const TYPE: &'static str = "organization";
    const STATE_VERSION: u32 = 2;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        let present = || state.live().ok_or(Error::NotFound);
        Ok(match command {
            Command::CreateOrganization(organization) => {
                state.must_be_new(Error::AlreadyExists)?;
                organization.profile.check()?;
                vec![Event::OrganizationCreated(organization)]
            }
            Command::UpdateOrganization(patch) => {
                let before = &present()?.profile;
                let profile = patch.onto(before.clone());
                profile.check()?;
                if profile == *before {
                    return Ok(Vec::new());
                }
                let previous_name = before.name.clone();
                vec![Event::OrganizationUpdated {
                    previous_name,
                    profile,
                }]
            }
            Command::DeleteOrganization if present()?.is_default => {
                return Err(Error::DefaultNotDeletable);
            }
            Command::DeleteOrganization => {
                let name = present()?.profile.name.clone();
                vec![Event::OrganizationDeleted { name }]
            }
        })
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, &mut *state) {
            (Event::OrganizationCreated(organization), _) => *state = Life::Live(organization),
            (Event::OrganizationUpdated { profile, .. }, Life::Live(now)) => now.profile = profile,
            (Event::OrganizationUpdated { .. }, Life::Unknown | Life::Deleted) => {}
            (Event::OrganizationDeleted { .. }, _) => *state = Life::Deleted,
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        let key = |name: &Name| format!("organization_name:{}", lower(name));
        match event {
            Event::OrganizationCreated(Self { profile, .. }) => {
                vec![UniqueKey::Take(key(&profile.name))]
            }
            Event::OrganizationUpdated {
                previous_name,
                profile,
            } => UniqueKey::renamed(key(previous_name), key(&profile.name)),
            Event::OrganizationDeleted { name } => vec![UniqueKey::Free(key(name))],
        }
    }

    fn name_key(&self) -> Option<String> {
        Some(lower(&self.profile.name))
    }
}

/// A name as it is unique and looked up.
fn lower(name: &Name) -> String {
    name.as_str().to_lowercase()
}

impl Profile {
    fn check(&self) -> Result<(), Error> {
        if lower(&self.name) == RESERVED_NAME {
            let name = self.name.clone().into();
            return Err(Error::NameReserved { name });
        }
        Ok(())
    }
}
