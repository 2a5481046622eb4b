//! The deployment: one stream, [`STREAM_ID`], for facts that there is one of.

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
use crate::{Id, Life, Noun};

/// A deployment's id, by which others know it.
pub type DeploymentId = Id<Deployment>;

/// The id of the one stream of this noun.
pub const STREAM_ID: &str = "deployment";

/// A deployment that is initialized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The organization that exists from the start.
    pub default_organization_id: OrganizationId,
    /// The user that owns the deployment; `None` until the first user is made.
    pub first_user_id: Option<UserId>,
}

impl Noun for Deployment {
    const TYPE: &'static str = "deployment";
    const STATE_VERSION: u32 = 2;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::InitializeDeployment {
                deployment_id,
                default_organization_id,
            } => {
                state.must_be_new(Error::AlreadyInitialized)?;
                Ok(vec![Event::DeploymentInitialized {
                    deployment_id,
                    default_organization_id,
                }])
            }
            Command::ClaimFirstUser { user_id } => {
                let deployment = state.live().ok_or(Error::NotInitialized)?;
                if deployment.first_user_id.is_some() {
                    return Err(Error::FirstUserExists);
                }
                Ok(vec![Event::FirstUserClaimed { user_id }])
            }
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, state) {
            (
                Event::DeploymentInitialized {
                    deployment_id,
                    default_organization_id,
                },
                state,
            ) => {
                *state = Life::Live(Self {
                    deployment_id,
                    default_organization_id,
                    first_user_id: None,
                });
            }
            (Event::FirstUserClaimed { user_id }, Life::Live(deployment)) => {
                deployment.first_user_id = Some(user_id);
            }
            (Event::FirstUserClaimed { .. }, Life::Unknown | Life::Deleted) => {}
        }
    }
}
