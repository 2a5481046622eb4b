//! What users may spend on workspaces: what their groups let them.

use chancery_aggregates::organization::OrganizationId;
use chancery_projections::group;

use crate::Caller;
use crate::failure::Failure;
use crate::organization::Organization;
use crate::organization_member;
use crate::policy::{OrganizationPart, Resource};
use crate::user::User;

/// The budget of a member of an organization.
pub async fn of_member(
    caller: &Caller,
    organization: &Organization,
    user: &User,
) -> Result<i64, Failure> {
    sees(caller, organization.id, user)?;
    organization_member::find(caller, organization, user.id).await?;
    budget(caller, organization.id, user).await
}

/// The budget of a user in the default organization; nothing where it is no member.
pub async fn of_user(caller: &Caller, user: &User) -> Result<i64, Failure> {
    let organization_id = caller.services().deployment().default_organization_id;
    sees(caller, organization_id, user)?;
    budget(caller, organization_id, user).await
}

fn sees(caller: &Caller, id: OrganizationId, user: &User) -> Result<(), Failure> {
    let part = OrganizationPart::WorkspaceQuota { user_id: user.id };
    caller.sees(Resource::Organization { id, part })
}

async fn budget(
    caller: &Caller,
    organization_id: OrganizationId,
    user: &User,
) -> Result<i64, Failure> {
    let pool = caller.services().pool();
    Ok(group::quota_budget(pool, organization_id, user.id).await?)
}
