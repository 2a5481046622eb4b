//! What a new deployment begins with: its identity and its default organization.

use chancery_aggregates::deployment::{self, Command as DeploymentCommand, Deployment};
use chancery_aggregates::group::{self, Group};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::{Command as OrganizationCommand, Organization};
use chancery_aggregates::text::FreeText;
use chancery_aggregates::validation::InvalidValue;
use chancery_ledger::{AppendError, CommandContext, ExecuteError, Ledger, LoadError};
use uuid::Uuid;

use crate::clock::Clock;
use crate::http::Actor;
use crate::http::command_context::metadata_of;
use crate::randomness::Randomness;

const ORGANIZATION_NAME: &str = "coder";
const ORGANIZATION_DISPLAY_NAME: &str = "Coder";

/// Why the deployment could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// Its stream cannot be read.
    #[error("the deployment cannot be read: {0}")]
    Load(#[from] LoadError),
    /// It was refused.
    #[error("the deployment cannot be made: {0}")]
    Deployment(#[from] ExecuteError<deployment::Error>),
    /// Its organization was refused.
    #[error("the default organization cannot be made: {0}")]
    Organization(#[from] ExecuteError<chancery_aggregates::organization::Error>),
    /// The organization's group of everyone was refused.
    #[error("the default organization's group of everyone cannot be made: {0}")]
    Group(#[from] ExecuteError<group::Error>),
    /// It could not be recorded.
    #[error("the deployment cannot be recorded: {0}")]
    Append(#[from] AppendError),
    /// A name that is built in is not valid.
    #[error(transparent)]
    Name(#[from] InvalidValue),
    /// It was recorded without its ids.
    #[error("the deployment's stream lacks its ids")]
    Incomplete,
}

/// The identity of a deployment.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The deployment's id.
    pub deployment_id: Uuid,
    /// The organization that new users belong to.
    pub default_organization_id: Uuid,
}

/// The deployment's identity; makes a new deployment first. Several servers may try at once: one succeeds.
pub async fn ensure(
    ledger: &Ledger,
    clock: &Clock,
    randomness: Randomness,
) -> Result<Identity, BootstrapError> {
    if let Some(identity) = load(ledger).await? {
        return Ok(identity);
    }
    match create(ledger, clock, randomness).await {
        Ok(())
        | Err(
            BootstrapError::Append(AppendError::Conflict)
            | BootstrapError::Deployment(ExecuteError::Refused(
                deployment::Error::AlreadyInitialized,
            )),
        ) => {}
        Err(error) => return Err(error),
    }
    load(ledger).await?.ok_or(BootstrapError::Incomplete)
}

async fn load(ledger: &Ledger) -> Result<Option<Identity>, BootstrapError> {
    let (deployment, _) = ledger.load::<Deployment>(deployment::STREAM_ID).await?;
    let ids = deployment
        .deployment_id
        .zip(deployment.default_organization_id);
    Ok(
        ids.map(|(deployment_id, default_organization_id)| Identity {
            deployment_id,
            default_organization_id,
        }),
    )
}

async fn create(
    ledger: &Ledger,
    clock: &Clock,
    randomness: Randomness,
) -> Result<(), BootstrapError> {
    let now = clock.now();
    let context = CommandContext {
        metadata: metadata_of(&Actor::system()),
        now,
        append_id: randomness.uuid_at(now),
    };
    let organization_id = randomness.uuid();
    let mut unit = ledger.unit_of_work(&context);
    unit.execute::<Deployment>(
        deployment::STREAM_ID,
        DeploymentCommand::InitializeDeployment {
            deployment_id: randomness.uuid(),
            default_organization_id: organization_id,
        },
    )
    .await?;
    unit.execute::<Organization>(
        &organization_id.to_string(),
        OrganizationCommand::CreateOrganization {
            name: Name::organization(ORGANIZATION_NAME)?,
            display_name: DisplayName::parse(ORGANIZATION_DISPLAY_NAME)?,
            description: FreeText::default(),
            icon: FreeText::default(),
            is_default: true,
        },
    )
    .await?;
    unit.execute::<Group>(
        &organization_id.to_string(),
        group::Command::CreateEveryoneGroup { organization_id },
    )
    .await?;
    unit.commit().await?;
    Ok(())
}
