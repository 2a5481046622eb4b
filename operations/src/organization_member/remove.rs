//! Throwing a member out of an organization.

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_member::OrganizationMember;

use super::{Membership, find, leave_organization};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, OrganizationRole, Resource};
use crate::user;

/// Takes the user that `user` names out of an organization and its groups. An organization's admin is removed by one who could
/// take that role only.
pub async fn remove(
    caller: &Caller,
    organization: &Organization,
    user: &str,
) -> Result<(), Failure> {
    let (organization_id, part) = (organization.id, OrganizationPart::Members);
    caller.is_allowed(
        Action::Delete,
        Resource::Organization {
            id: organization_id,
            part,
        },
    )?;
    let user_id = user::find(caller, user).await?.id;
    let services = caller.services();
    find(caller, organization, user_id).await?;
    if user_id == caller.user_id() {
        return Err(Refused::impossible("cannot remove self from an organization").into());
    }
    let membership = Membership {
        organization_id,
        user_id,
        part,
    };
    let leave = caller.may(Action::Delete, &membership)?;
    leave
        .unit(|mut unit| async move {
            leave_organization(&mut unit, services.pool(), organization_id, user_id).await??;
            let present = unit.present().await?;
            check_rank(caller, organization_id, present.live())?;
            unit.done(())
        })
        .await
}

/// Roles that the caller could not take are not ended with the membership either.
fn check_rank(
    caller: &Caller,
    organization_id: OrganizationId,
    member: Option<&OrganizationMember>,
) -> Result<(), Failure> {
    let roles = member.into_iter().flat_map(|member| &member.roles);
    let mut roles = roles.filter_map(|name| OrganizationRole::from_name(name));
    if roles.all(|role| caller.subject().may_assign_in(organization_id, role)) {
        Ok(())
    } else {
        Err(Failure::NOT_ALLOWED)
    }
}
