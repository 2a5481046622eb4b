//! The deployment: one stream, [`STREAM_ID`], for facts that there is one of.

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

/// The id of the one stream of this aggregate.
pub const STREAM_ID: &str = "deployment";

/// The state of the deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The deployment's id; `None` before it is initialized.
    pub deployment_id: Option<Uuid>,
    /// The organization that exists from the start.
    pub default_organization_id: Option<Uuid>,
    /// The user that owns the deployment; `None` until the first user is made.
    pub first_user_id: Option<Uuid>,
}

impl Deployment {
    fn decide(&self, command: &Command) -> Result<Event, Error> {
        match *command {
            Command::InitializeDeployment { .. } if self.deployment_id.is_some() => {
                Err(Error::AlreadyInitialized)
            }
            Command::InitializeDeployment {
                deployment_id,
                default_organization_id,
            } => Ok(Event::DeploymentInitialized {
                deployment_id,
                default_organization_id,
            }),
            Command::ClaimFirstUser { .. } if self.deployment_id.is_none() => {
                Err(Error::NotInitialized)
            }
            Command::ClaimFirstUser { .. } if self.first_user_id.is_some() => {
                Err(Error::FirstUserExists)
            }
            Command::ClaimFirstUser { user_id } => Ok(Event::FirstUserClaimed { user_id }),
        }
    }
}

impl Aggregate for Deployment {
    const TYPE: &'static str = "deployment";
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
        let event = self.decide(&command)?;
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::DeploymentInitialized {
                deployment_id,
                default_organization_id,
            } => {
                self.deployment_id = Some(deployment_id);
                self.default_organization_id = Some(default_organization_id);
            }
            Event::FirstUserClaimed { user_id } => self.first_user_id = Some(user_id),
        }
    }
}

impl Recorded for Deployment {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 1;
}
