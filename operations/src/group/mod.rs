//! Groups of organizations (contract groups).

mod form;
mod members;
mod read;
mod update;

use chancery_aggregates::group::{self, Command, Error, GroupId, Settings, Source};
use chancery_aggregates::organization::OrganizationId;

pub use chancery_projections::group::{Group, GroupFilter, GroupMember};
pub use form::{GroupChangeForm, GroupForm};
pub use members::{MemberLimit, ShownGroup};
pub use read::{find, get, list, list_members};
pub use update::update;

use crate::Caller;
use crate::failure::{Failure, InvalidField, Refused};
use crate::leave::Thing;
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, Resource};

/// A group, as leave to make, change or delete it names it.
struct OneGroup {
    id: GroupId,
    organization_id: OrganizationId,
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

/// Makes a group in an organization. What is left out is empty.
pub async fn create(
    caller: &Caller,
    organization: &Organization,
    mut form: GroupForm,
) -> Result<ShownGroup, Failure> {
    let group = OneGroup {
        id: caller.services().randomness().id(),
        organization_id: organization.id,
        part: OrganizationPart::Groups,
    };
    let leave = caller.may(Action::Create, &group)?;
    let name = form.name.get_or_insert_default().clone();
    let settings = form.check()?.onto(Settings::default());
    let new = group::Group::new(organization.id, settings, Source::User);
    let recorded = leave.try_record(Command::CreateGroup(new)).await;
    match recorded.map_err(|failure| failure.or_taken(|_| taken("named", &name)))? {
        Ok(_) => get(caller, GroupFilter::by_id(group.id), None).await,
        Err(reserved @ Error::NameReserved) => {
            let field = InvalidField::new("name", reserved.to_string());
            Err(Refused::fields("name", "Invalid group name.", vec![field]).into())
        }
        Err(refused) => Err(Failure::of_refusal(&refused)),
    }
}

/// Deletes a group. That of everyone stays.
pub async fn delete(caller: &Caller, group: &Group) -> Result<(), Failure> {
    let thing = OneGroup::seen(group);
    caller.record(&thing, Command::DeleteGroup).await
}

/// Another group of the organization has the name, which the contract puts in two ways.
fn taken(put: &str, name: &str) -> Refused {
    let text = format!("A group {put} \"{name}\" already exists.");
    Refused::taken(text, "name", "Group names must be unique")
}
