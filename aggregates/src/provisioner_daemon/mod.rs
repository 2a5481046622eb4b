//! Provisioner daemons: programs that do jobs. Stream id: the daemon's UUID.
//!
//! A daemon is its name in its organization: one that comes again under the name is the same, and goes on with its job. Of two
//! that are there under one name the later one counts. When it was last seen is a stamp, and no event.

mod audit;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::organization::OrganizationId;
use crate::provisioner_key::ProvisionerKeyId;
use crate::provisioner_tags::ProvisionerTags;
use crate::{Id, Life, Noun, Refusal, RefusalClass, UniqueKey};

/// What a daemon can run.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProvisionerType {
    /// A template that says itself what it comes to.
    Echo,
    /// Terraform.
    Terraform,
}

/// How a daemon came, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub session_id: SessionId,
    /// The provisioner key that opened it; `None`: a user's token did.
    pub key_id: Option<ProvisionerKeyId>,
    /// The program's version, as it says; may be empty.
    pub version: String,
    /// The version of the daemon API that it speaks.
    pub api_version: String,
    /// What it can run.
    pub provisioners: BTreeSet<ProvisionerType>,
    /// By which jobs find it.
    pub tags: ProvisionerTags,
}

/// A provisioner daemon's id.
pub type ProvisionerDaemonId = Id<ProvisionerDaemon>;

/// A session's id.
pub type SessionId = Id<Session>;

/// A daemon that is there, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionerDaemon {
    /// The organization whose jobs it does.
    pub organization_id: OrganizationId,
    /// Its name, unique in the organization.
    pub name: String,
    /// Its session, or the last one.
    #[serde(flatten)]
    pub session: Session,
    /// Whether the session goes on, as far as is known.
    pub is_connected: bool,
}

/// What can be asked of a daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// It is there. An earlier session of its name is over.
    ConnectProvisionerDaemon {
        /// The organization.
        organization_id: OrganizationId,
        /// Its name.
        name: String,
        /// Its session.
        session: Session,
    },
    /// A session is over. That of another one is no matter.
    DisconnectProvisionerDaemon {
        /// The session.
        session_id: SessionId,
    },
    /// The key by which it came in is gone, and it with it. One that came in again by another stays.
    DeleteProvisionerDaemon {
        /// The key.
        key_id: ProvisionerKeyId,
    },
}

/// What happened to a daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It came, for the first time or again.
    ProvisionerDaemonConnected {
        /// The organization.
        organization_id: OrganizationId,
        /// Its name.
        name: String,
        /// Its session.
        #[serde(flatten)]
        session: Session,
    },
    /// Its session is over.
    ProvisionerDaemonDisconnected {
        /// The session.
        session_id: SessionId,
    },
    /// It was deleted for good.
    ProvisionerDaemonDeleted {
        /// The organization.
        organization_id: OrganizationId,
        /// Its name, which is free again.
        name: String,
    },
}

/// Why a command to a daemon is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is another organization's, or has another name.
    #[error("the provisioner daemon is another one")]
    OtherDaemon,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::OtherDaemon => RefusalClass::Fault,
        }
    }
}

/// The unique key that a daemon of this name in this organization holds.
pub fn name_key(organization_id: OrganizationId, name: &str) -> String {
    format!("provisioner_daemon_name:{organization_id}:{name}")
}

impl Noun for ProvisionerDaemon {
    const TYPE: &'static str = "provisioner_daemon";
    const STATE_VERSION: u32 = 1;
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::ConnectProvisionerDaemon {
                organization_id,
                name,
                session,
            } => {
                let is_same = match state {
                    Life::Unknown => true,
                    Life::Live(live) => {
                        (live.organization_id, &live.name) == (organization_id, &name)
                    }
                    Life::Deleted => false,
                };
                is_same.then_some(()).ok_or(Error::OtherDaemon)?;
                Ok(vec![Event::ProvisionerDaemonConnected {
                    organization_id,
                    name,
                    session,
                }])
            }
            Command::DisconnectProvisionerDaemon { session_id } => {
                let live = state.live();
                let is_its =
                    |live: &Self| live.is_connected && live.session.session_id == session_id;
                Ok(live
                    .is_some_and(is_its)
                    .then_some(Event::ProvisionerDaemonDisconnected { session_id })
                    .into_iter()
                    .collect())
            }
            Command::DeleteProvisionerDaemon { key_id } => {
                let live = state.live();
                let live = live.filter(|live| live.session.key_id == Some(key_id));
                let deleted = live.map(|live| Event::ProvisionerDaemonDeleted {
                    organization_id: live.organization_id,
                    name: live.name.clone(),
                });
                Ok(deleted.into_iter().collect())
            }
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match event {
            Event::ProvisionerDaemonConnected {
                organization_id,
                name,
                session,
            } => {
                *state = Life::Live(Self {
                    organization_id,
                    name,
                    session,
                    is_connected: true,
                });
            }
            Event::ProvisionerDaemonDisconnected { .. } => {
                if let Some(live) = state.live_mut() {
                    live.is_connected = false;
                }
            }
            Event::ProvisionerDaemonDeleted { .. } => *state = Life::Deleted,
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            // Whoever comes again holds it already.
            Event::ProvisionerDaemonConnected {
                organization_id,
                name,
                ..
            } => vec![UniqueKey::Take(name_key(*organization_id, name))],
            Event::ProvisionerDaemonDisconnected { .. } => Vec::new(),
            Event::ProvisionerDaemonDeleted {
                organization_id,
                name,
            } => vec![UniqueKey::Free(name_key(*organization_id, name))],
        }
    }

    fn owner_id(&self) -> Option<Uuid> {
        Some(self.organization_id.uuid())
    }

    fn name_key(&self) -> Option<String> {
        Some(self.name.clone())
    }
}
