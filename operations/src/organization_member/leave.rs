//! Leaving an organization: the membership and those of its groups end in one append.
//!
//! The read model says which groups those are. A group that somebody is added to at the same moment may be missed; the
//! addition then counts for nothing, and is cleared with [`leave_groups`] when the user comes back.

use chancery_aggregates::group::{Command as GroupCommand, Group};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_member::{Command, Error, OrganizationMember, stream_id};
use chancery_aggregates::user::UserId;
use chancery_projections::group;
use sqlx::PgPool;

use crate::failure::Failure;
use crate::leave::Thing;
use crate::unit::Unit;

/// Takes a user out of an organization and its groups. The inner error: the user is no member.
pub(crate) async fn leave_organization<T: Thing>(
    unit: &mut Unit<'_, T>,
    pool: &PgPool,
    organization_id: OrganizationId,
    user_id: UserId,
) -> Result<Result<(), NotMember>, Failure> {
    leave_groups(unit, pool, organization_id, user_id).await?;
    let command = Command::RemoveOrganizationMember {
        organization_id,
        user_id,
    };
    let id = stream_id(organization_id, user_id);
    match unit.try_also::<OrganizationMember>(&id, command).await? {
        Ok(_) => Ok(Ok(())),
        Err(Error::NotMember) => Ok(Err(NotMember)),
        Err(refused @ Error::AlreadyMember) => Err(Failure::of_refusal(&refused)),
    }
}

/// The user is not in the organization.
#[derive(Debug)]
pub(crate) struct NotMember;

impl From<NotMember> for Failure {
    fn from(_: NotMember) -> Self {
        Self::NotFound
    }
}

/// Takes a user out of the groups of an organization.
pub(crate) async fn leave_groups<T: Thing>(
    unit: &mut Unit<'_, T>,
    pool: &PgPool,
    organization_id: OrganizationId,
    user_id: UserId,
) -> Result<(), Failure> {
    for group_id in group::ids_of_user(pool, organization_id, user_id).await? {
        let command = GroupCommand::LeaveGroup { user_id };
        unit.also::<Group>(&group_id.to_string(), command).await?;
    }
    Ok(())
}
