//! Making an organization.

use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::Command;
use chancery_aggregates::organization_member::{
    Command as MemberCommand, OrganizationMember, stream_id,
};
use chancery_aggregates::text::FreeText;

use super::{Organization, Unfounded, find, found, name_taken};
use crate::Caller;
use crate::failure::{Failure, InvalidField};
use crate::policy::Action;

/// The organization to be made.
#[derive(Clone, Debug, Default)]
pub struct NewOrganization {
    /// The unique name: 1 to 32 letters and digits, with single hyphens between.
    pub name: String,
    /// The name shown to people; the name when it is empty.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// URL or site path of a picture.
    pub icon: String,
}

/// Makes an organization, with its group of everyone and the caller as its first member, all or nothing.
pub async fn create(caller: &Caller, new: NewOrganization) -> Result<Organization, Failure> {
    let id = caller.services().randomness().uuid();
    let organization = Unfounded(id);
    let leave = caller
        .may(Action::Create, &organization)
        .map_err(|failure| failure.saying("You are not authorized to create organizations."))?;
    let command = &new.check()?;
    let user_id = caller.user_id();
    leave
        .unit(|mut unit| async move {
            found(&mut unit, id, command.clone()).await?;
            let add = MemberCommand::AddOrganizationMember {
                organization_id: id,
                user_id,
                roles: Vec::new(),
            };
            unit.also_new::<OrganizationMember>(&stream_id(id, user_id), add)
                .await?;
            unit.done(())
        })
        .await
        .map_err(|failure| failure.or_taken(|_| name_taken()))?;
    find::by_id(caller.services(), id).await
}

impl NewOrganization {
    fn check(&self) -> Result<Command, Failure> {
        let shown = match self.display_name.as_str() {
            "" => &self.name,
            display_name => display_name,
        };
        let name = Name::organization(&self.name);
        let display_name = DisplayName::parse(shown);
        let description = FreeText::parse(&self.description);
        let icon = FreeText::parse(&self.icon);
        let invalid = InvalidField::all([
            ("name", name.as_ref().err()),
            // A bad name is not a bad display name, too.
            (
                "display_name",
                display_name.as_ref().err().filter(|_| name.is_ok()),
            ),
            ("description", description.as_ref().err()),
            ("icon", icon.as_ref().err()),
        ]);
        match (name, display_name, description, icon) {
            (Ok(name), Ok(display_name), Ok(description), Ok(icon)) => {
                Ok(Command::CreateOrganization {
                    name,
                    display_name,
                    description,
                    icon,
                    is_default: false,
                })
            }
            _ => Err(Failure::invalid(invalid)),
        }
    }
}
