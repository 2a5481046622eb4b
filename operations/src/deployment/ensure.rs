//! What a new deployment begins with: its identity and its default organization.

use chancery_aggregates::deployment::{Command, Deployment, Error, STREAM_ID};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::{Command as OrganizationCommand, Organization, Profile};

use super::{Identity, TheDeployment};
use crate::Services;
use crate::author::Author;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::organization;
use crate::policy::{Action, PublicOperation};

const ORGANIZATION_NAME: &str = "coder";
const ORGANIZATION_DISPLAY_NAME: &str = "Coder";

/// The deployment's identity; makes a new deployment first. Several servers may try at once: one succeeds.
pub(crate) async fn ensure(services: &Services) -> Result<Identity, Failure> {
    if let Some(identity) = load(services).await? {
        return Ok(identity);
    }
    create(services).await?;
    let missing = || Failure::internal("the deployment's stream lacks its ids");
    load(services).await?.ok_or_else(missing)
}

async fn load(services: &Services) -> Result<Option<Identity>, Failure> {
    let (deployment, _) = services.ledger().load::<Deployment>(STREAM_ID).await?;
    Ok(deployment.live().map(|deployment| Identity {
        deployment_id: deployment.deployment_id,
        default_organization_id: deployment.default_organization_id,
    }))
}

async fn create(services: &Services) -> Result<(), Failure> {
    let (author, action) = (Author::server(services), Action::Create);
    let leave = Leave::public(PublicOperation::Server, author, action, &TheDeployment);
    let deployment_id = services.randomness().id();
    let default_organization_id = services.randomness().id();
    let built_in = |error| Failure::internal(&error);
    let organization = &OrganizationCommand::CreateOrganization(Organization {
        profile: Profile {
            name: Name::organization(ORGANIZATION_NAME).map_err(built_in)?,
            display_name: DisplayName::parse(ORGANIZATION_DISPLAY_NAME).map_err(built_in)?,
            ..Profile::default()
        },
        is_default: true,
    });
    let initialize = &Command::InitializeDeployment {
        deployment_id,
        default_organization_id,
    };
    leave
        .unit(|mut unit| async move {
            let begun = unit.try_record(initialize.clone());
            match begun.await? {
                Ok(_) => {}
                // Another server was first.
                Err(Error::AlreadyInitialized) => return unit.done(()),
                Err(refused @ (Error::NotInitialized | Error::FirstUserExists)) => {
                    return Err(Failure::of_refusal(&refused));
                }
            }
            let id = default_organization_id;
            organization::found(&mut unit, id, organization.clone()).await?;
            unit.done(())
        })
        .await
}
