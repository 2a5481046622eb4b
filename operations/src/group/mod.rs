//! Groups of organizations (contract groups).

mod create;
mod form;
mod list;
mod members;
mod quota;
mod tables;
mod update;

use chancery_aggregates::group::{self, Command};
use uuid::Uuid;

pub use chancery_projections::group::{Group, GroupFilter, GroupMember};
pub use create::create;
pub use form::GroupForm;
pub use list::{find, get, list, list_members};
pub use members::{MemberLimit, ShownGroup};
pub use quota::{default_quota, quota};
pub use update::{ChangedGroup, update};

use crate::Caller;
use crate::failure::Failure;
use crate::leave::Thing;
use crate::policy::{Action, OrganizationPart, Resource};

/// A group, as leave to make, change or delete it names it.
struct OneGroup {
    id: Uuid,
    organization_id: Uuid,
    part: OrganizationPart,
}

impl OneGroup {
    /// A group that was found, and so is one that the caller sees: as its member or by a role.
    fn seen(group: &Group) -> Self {
        Self {
            id: group.id,
            organization_id: group.state.organization_id,
            part: OrganizationPart::Group { is_member: true },
        }
    }
}

impl Thing for OneGroup {
    type Noun = group::Group;

    fn resource(&self) -> Resource {
        Resource::Organization {
            id: self.organization_id,
            part: self.part,
        }
    }

    fn stream_id(&self) -> String {
        self.id.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::CreateGroup(_) => Action::Create,
            Command::UpdateGroup(_) => Action::Update,
            Command::DeleteGroup => Action::Delete,
            // They follow from what happens to an organization and its members.
            Command::CreateEveryoneGroup { .. } | Command::LeaveGroup { .. } => return None,
        })
    }
}

/// Deletes a group. That of everyone stays.
pub async fn delete(caller: &Caller, group: &Group) -> Result<(), Failure> {
    let thing = OneGroup::seen(group);
    let leave = caller.may(Action::Delete, &thing)?;
    leave.record(Command::DeleteGroup).await?;
    Ok(())
}
