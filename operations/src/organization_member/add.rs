//! Joining an organization.

use chancery_aggregates::organization_member::Command;
use chancery_aggregates::user::{Command as UserCommand, User as UserStream};

use super::{Member, Membership, find, leave_groups};
use crate::Caller;
use crate::failure::Failure;
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, Resource};
use crate::user::{self, User};

/// Adds the user that `user` names to an organization.
pub async fn add(
    caller: &Caller,
    organization: &Organization,
    user: &str,
) -> Result<Member, Failure> {
    let (id, part) = (organization.id, OrganizationPart::Members);
    // Before the user is looked for: who may not add anybody learns nothing of users.
    caller.is_allowed(Action::Create, Resource::Organization { id, part })?;
    let User { id: user_id, .. } = user::find(caller, user).await?;
    let membership = Membership {
        organization_id: id,
        user_id,
        part,
    };
    let leave = caller.may(Action::Create, &membership)?;
    let services = caller.services();
    leave
        .unit(|mut unit| async move {
            // A user who is deleted at the same moment makes the append fail, and is not found then.
            unit.also::<UserStream>(&user_id.to_string(), UserCommand::RequireUser)
                .await?;
            // What was left over of an earlier membership is not to come back with this one.
            leave_groups(&mut unit, services.pool(), id, user_id).await?;
            unit.record(Command::AddOrganizationMember {
                organization_id: id,
                user_id,
                roles: Vec::new(),
            })
            .await?;
            unit.done(())
        })
        .await?;
    find(caller, organization, user_id).await
}
