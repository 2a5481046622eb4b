//! The deployment: its identity, and its default organization.

mod ensure;

use chancery_aggregates::deployment::{self, Command, Deployment, DeploymentId};
use chancery_aggregates::organization::OrganizationId;

pub(crate) use ensure::ensure;

use crate::Services;
use crate::failure::Failure;
use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// The identity of a deployment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The organization that new users belong to.
    pub default_organization_id: OrganizationId,
}

/// Whether the first user has been made.
pub async fn has_first_user(services: &Services) -> Result<bool, Failure> {
    let ledger = services.ledger();
    let (deployment, _) = ledger.load::<Deployment>(deployment::STREAM_ID).await?;
    Ok(deployment
        .live()
        .is_some_and(|deployment| deployment.first_user_id.is_some()))
}

/// The deployment, as leave to begin it names it.
pub(crate) struct TheDeployment;

impl Thing for TheDeployment {
    type Noun = Deployment;

    fn resource(&self) -> Resource {
        Resource::Deployment
    }

    fn stream_id(&self) -> String {
        deployment::STREAM_ID.to_owned()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::InitializeDeployment { .. } => Action::Create,
            Command::ClaimFirstUser { .. } => Action::Update,
        })
    }
}
