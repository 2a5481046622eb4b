//! Leaving an organization: the membership and those of its groups end in one append.
//!
//! The read model says which groups those are. A group that somebody is added to at the same moment may be missed; the
//! addition then counts for nothing, and is cleared with [`leave_groups`] when the user comes back.

use chancery_aggregates::group::{Command as GroupCommand, Group};
use chancery_aggregates::organization_member::{self, Command, Error, OrganizationMember};
use chancery_ledger::{ExecuteError, UnitOfWork};
use chancery_projections::group;
use sqlx::PgPool;
use uuid::Uuid;

use crate::http::ApiError;

/// Takes a user out of an organization and its groups. 404 when the user is no member.
pub async fn leave_organization(
    unit: &mut UnitOfWork,
    pool: &PgPool,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<(), ApiError> {
    leave_groups(unit, pool, organization_id, user_id).await?;
    let command = Command::RemoveOrganizationMember {
        organization_id,
        user_id,
    };
    let id = organization_member::stream_id(organization_id, user_id);
    match unit.execute::<OrganizationMember>(&id, command).await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Refused(Error::NotMember)) => Err(ApiError::not_found()),
        Err(error) => Err(ApiError::of_execute(error, |refused| {
            ApiError::internal(&refused)
        })),
    }
}

/// Takes a user out of every group of an organization that may list him.
pub async fn leave_groups(
    unit: &mut UnitOfWork,
    pool: &PgPool,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<(), ApiError> {
    for group_id in group::ids_of_user(pool, organization_id, user_id).await? {
        unit.execute::<Group>(&group_id.to_string(), GroupCommand::LeaveGroup { user_id })
            .await
            .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    }
    Ok(())
}
