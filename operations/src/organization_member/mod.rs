//! Members of organizations and their roles (docs/contract/core.md 5).

mod add;
mod change_roles;
mod leave;
mod list;
mod remove;
#[cfg(test)]
mod tests;

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_member::{Command, OrganizationMember, stream_id};
use chancery_aggregates::user::UserId;
use chancery_projections::organization;

pub use add::add;
pub use chancery_projections::organization::Member;
pub use change_roles::{assignable_roles, change_roles};
pub(crate) use leave::{leave_groups, leave_organization};
pub use list::{MemberPage, list};
pub use remove::remove;

use crate::Caller;
use crate::failure::Failure;
use crate::leave::Thing;
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, Resource};

/// A membership, as leave to begin or end it, or to change its roles, names it.
struct Membership {
    organization_id: OrganizationId,
    user_id: UserId,
    part: OrganizationPart,
}

impl Thing for Membership {
    type Noun = OrganizationMember;

    fn resource(&self) -> Resource {
        Resource::Organization {
            id: self.organization_id,
            part: self.part,
        }
    }

    fn stream_id(&self) -> String {
        stream_id(self.organization_id, self.user_id)
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::AddOrganizationMember { .. } => Action::Create,
            Command::ChangeOrganizationMemberRoles { .. } => Action::Update,
            Command::RemoveOrganizationMember { .. } => Action::Delete,
        })
    }
}

/// The membership of a user in an organization that the caller was found to see. Who is no member is not found.
pub async fn find(
    caller: &Caller,
    organization: &Organization,
    user_id: UserId,
) -> Result<Member, Failure> {
    let pool = caller.services().pool();
    let found = organization::find_member(pool, organization.id, user_id).await?;
    found.ok_or(Failure::NotFound)
}
