//! Changing an organization.

use chancery_aggregates::organization::Command;

use super::{Founded, Organization, OrganizationForm, find, name_taken};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// Changes an organization. What is left out stays, and so does the name when it is empty.
pub async fn update(
    caller: &Caller,
    organization: &Organization,
    form: OrganizationForm,
) -> Result<Organization, Failure> {
    let thing = Founded(organization.id);
    let leave = caller.may(Action::Update, &thing)?;
    let form = OrganizationForm {
        name: form.name.filter(|name| !name.is_empty()),
        ..form
    };
    leave
        .record(Command::UpdateOrganization(form.check()?))
        .await
        .map_err(|failure| failure.or_taken(|_| name_taken()))?;
    find::by_id(caller.services(), organization.id).await
}
