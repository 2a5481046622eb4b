//! Groups of organizations (contract groups).

mod create;
mod delete;
mod find;
mod list;
mod members;
mod past;
mod quota;
mod update;

use chancery_aggregates::group::{self, Command};
use uuid::Uuid;

pub use chancery_projections::group::{Group, GroupMember};
pub use create::{NewGroup, create};
pub use delete::delete;
pub use find::{GroupRef, SeenGroup, find};
pub use list::{GroupQuery, list};
pub use members::{MemberLimit, ShownGroup, list_members};
pub use quota::{default_quota, quota};
pub use update::{ChangedGroup, update};

use crate::leave::Thing;
use crate::policy::{Action, OrganizationPart, Resource};

/// A group, as leave to make, change or delete it names it.
struct OneGroup {
    id: Uuid,
    organization_id: Uuid,
    part: OrganizationPart,
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
            Command::CreateGroup { .. } => Action::Create,
            Command::UpdateGroup(_) => Action::Update,
            Command::DeleteGroup => Action::Delete,
            // They follow from what happens to an organization and its members.
            Command::CreateEveryoneGroup { .. } | Command::LeaveGroup { .. } => return None,
        })
    }
}
