//! Keys by which provisioner daemons enter an organization. Stream id: the key's UUID.

mod audit;
mod name;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use uuid::Uuid;

pub use name::{InvalidName, KeyName, RESERVED};

use crate::oauth2::secret_text::HashedSecret;
use crate::organization::OrganizationId;
use crate::provisioner_tags::ProvisionerTags;
use crate::{Id, Life, Noun, Refusal, RefusalClass, UniqueKey};

/// A provisioner key's id.
pub type ProvisionerKeyId = Id<ProvisionerKey>;

/// A key that daemons may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionerKey {
    /// The organization whose daemons use it.
    pub organization_id: OrganizationId,
    /// Its name, unique in the organization.
    pub name: KeyName,
    /// The tags of the daemons that use it.
    pub tags: ProvisionerTags,
    /// The hash of its text.
    pub hashed_secret: HashedSecret,
}

/// What can be asked of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates it.
    CreateProvisionerKey(ProvisionerKey),
    /// Deletes it for good.
    DeleteProvisionerKey,
}

/// What happened to a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was created.
    ProvisionerKeyCreated(ProvisionerKey),
    /// It was deleted for good.
    ProvisionerKeyDeleted {
        /// The organization.
        organization_id: OrganizationId,
        /// Its name, which is free again.
        name: KeyName,
        /// The hash of its text, which opens nothing any more.
        hashed_secret: HashedSecret,
    },
}

/// Why a command to a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The new id is not new.
    #[error("the provisioner key exists already")]
    AlreadyExists,
    /// There is no such key, or no longer.
    #[error("there is no such provisioner key")]
    NotFound,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::AlreadyExists => RefusalClass::Fault,
            Self::NotFound => RefusalClass::NotFound,
        }
    }
}

/// The unique key that a provisioner key of this name in this organization holds.
pub fn name_key(organization_id: OrganizationId, name: &KeyName) -> String {
    format!("provisioner_key_name:{organization_id}:{}", name.as_str())
}

/// The unique key that the provisioner key with this text holds: a daemon shows nothing else.
pub fn secret_key(hashed_secret: &HashedSecret) -> String {
    format!("provisioner_key_secret:{}", hashed_secret.as_str())
}

impl Noun for ProvisionerKey {
    const TYPE: &'static str = "provisioner_key";
    const STATE_VERSION: u32 = 1;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        let event = match command {
            Command::CreateProvisionerKey(key) => {
                state.must_be_new(Error::AlreadyExists)?;
                Event::ProvisionerKeyCreated(key)
            }
            Command::DeleteProvisionerKey => {
                let key = state.live().ok_or(Error::NotFound)?.clone();
                Event::ProvisionerKeyDeleted {
                    organization_id: key.organization_id,
                    name: key.name,
                    hashed_secret: key.hashed_secret,
                }
            }
        };
        Ok(vec![event])
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        *state = match event {
            Event::ProvisionerKeyCreated(key) => Life::Live(key),
            Event::ProvisionerKeyDeleted { .. } => Life::Deleted,
        };
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::ProvisionerKeyCreated(key) => vec![
                UniqueKey::Take(name_key(key.organization_id, &key.name)),
                UniqueKey::Take(secret_key(&key.hashed_secret)),
            ],
            Event::ProvisionerKeyDeleted {
                organization_id,
                name,
                hashed_secret,
            } => vec![
                UniqueKey::Free(name_key(*organization_id, name)),
                UniqueKey::Free(secret_key(hashed_secret)),
            ],
        }
    }

    fn owner_id(&self) -> Option<Uuid> {
        Some(self.organization_id.uuid())
    }

    fn name_key(&self) -> Option<String> {
        Some(self.name.as_str().to_owned())
    }
}
