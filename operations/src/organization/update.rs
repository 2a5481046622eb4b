//! Changing an organization.

use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::Command;
use chancery_aggregates::text::FreeText;

use super::{Founded, Organization, find, name_taken};
use crate::Caller;
use crate::failure::{Failure, InvalidField};
use crate::policy::Action;

/// What an organization becomes; None keeps a field.
#[derive(Clone, Debug, Default)]
pub struct ChangedOrganization {
    /// The unique name; empty keeps it.
    pub name: Option<String>,
    /// The name shown to people.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// URL or site path of a picture.
    pub icon: Option<String>,
}

/// Changes an organization.
pub async fn update(
    caller: &Caller,
    organization: &Organization,
    changed: ChangedOrganization,
) -> Result<Organization, Failure> {
    let thing = Founded(organization.id);
    let leave = caller.may(Action::Update, &thing)?;
    leave
        .record(changed.check()?)
        .await
        .map_err(|failure| failure.or_taken(|_| name_taken()))?;
    find::by_id(caller.services(), organization.id).await
}

impl ChangedOrganization {
    fn check(&self) -> Result<Command, Failure> {
        let name = self.name.as_deref().filter(|name| !name.is_empty());
        let name = name.map(Name::organization).transpose();
        let display_name = self.display_name.as_deref().map(DisplayName::parse);
        let display_name = display_name.transpose();
        let description = self.description.as_deref().map(FreeText::parse).transpose();
        let icon = self.icon.as_deref().map(FreeText::parse).transpose();
        let invalid = InvalidField::all([
            ("name", name.as_ref().err()),
            ("display_name", display_name.as_ref().err()),
            ("description", description.as_ref().err()),
            ("icon", icon.as_ref().err()),
        ]);
        match (name, display_name, description, icon) {
            (Ok(name), Ok(display_name), Ok(description), Ok(icon)) => {
                Ok(Command::UpdateOrganization {
                    name,
                    display_name,
                    description,
                    icon,
                })
            }
            _ => Err(Failure::invalid(invalid)),
        }
    }
}
