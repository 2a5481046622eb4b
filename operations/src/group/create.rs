//! Making a group.

use chancery_aggregates::group::{Command, Error, Group, Settings, Source};

use super::{GroupFilter, GroupForm, OneGroup, ShownGroup, get};
use crate::Caller;
use crate::failure::{Failure, InvalidField, Refused};
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart};

/// Makes a group in an organization. What is left out is empty.
pub async fn create(
    caller: &Caller,
    organization: &Organization,
    mut form: GroupForm,
) -> Result<ShownGroup, Failure> {
    let group = OneGroup {
        id: caller.services().randomness().uuid(),
        organization_id: organization.id,
        part: OrganizationPart::Groups,
    };
    let leave = caller.may(Action::Create, &group)?;
    let name = form.name.get_or_insert_default().clone();
    let settings = form.check()?.onto(Settings::default());
    let new = Group::new(organization.id, settings, Source::User);
    let recorded = leave.try_record(Command::CreateGroup(new)).await;
    match recorded.map_err(|failure| failure.or_taken(|_| taken(&name)))? {
        Ok(_) => get(caller, GroupFilter::by_id(group.id), None).await,
        Err(reserved @ Error::NameReserved) => {
            let field = InvalidField::new("name", reserved.to_string());
            Err(Refused::fields("name", "Invalid group name.", vec![field]).into())
        }
        Err(refused) => Err(Failure::of_refusal(&refused)),
    }
}

fn taken(name: &str) -> Refused {
    let text = format!("A group named \"{name}\" already exists.");
    Refused::taken(text, "name", "Group names must be unique")
}
