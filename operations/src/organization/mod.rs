//! Organizations (docs/contract/core.md 5).

mod form;
mod read;

use chancery_aggregates::group::{self, Group};
use chancery_aggregates::organization::{self, Command, OrganizationId, Profile};
use chancery_aggregates::organization_member::{
    Command as MemberCommand, OrganizationMember, stream_id,
};
use chancery_projections::registry::Shown;

pub use form::OrganizationForm;
pub use read::{find, get, list, list_of_user};

use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::leave::Thing;
use crate::policy::{Action, OrganizationPart, Resource};
use crate::unit::Unit;

/// An organization with its id and times.
pub type Organization = Shown<organization::Organization, OrganizationId>;

/// An organization, as leave to make, change or delete it names it.
struct Named(OrganizationId);

impl Thing for Named {
    type Noun = organization::Organization;

    fn resource(&self) -> Resource {
        let part = OrganizationPart::Profile;
        Resource::Organization { id: self.0, part }
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::CreateOrganization(_) => Action::Create,
            Command::UpdateOrganization(_) => Action::Update,
            Command::DeleteOrganization => Action::Delete,
        })
    }
}

/// Makes an organization, with its group of everyone and the caller as its first member, all or nothing. What is left out is
/// empty; the name stands for a display name.
pub async fn create(caller: &Caller, mut form: OrganizationForm) -> Result<Organization, Failure> {
    caller
        .is_allowed(Action::Create, Resource::Organizations)
        .map_err(|failure| failure.saying("You are not authorized to create organizations."))?;
    let id = caller.services().randomness().id();
    let organization = Named(id);
    let leave = caller.may(Action::Create, &organization)?;
    form.name.get_or_insert_default();
    let mut profile = form.check()?.onto(Profile::default());
    if profile.display_name.as_str().is_empty() {
        profile.display_name = (&profile.name).into();
    }
    let command = &Command::CreateOrganization(organization::Organization {
        profile,
        is_default: false,
    });
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
    caller.services().shown(id, None).await
}

/// Begins an organization, with its group of everyone: the group has the organization's id.
pub(crate) async fn found<T: Thing>(
    unit: &mut Unit<'_, T>,
    organization_id: OrganizationId,
    command: Command,
) -> Result<(), Failure> {
    let id = organization_id.to_string();
    unit.also_new::<organization::Organization>(&id, command)
        .await?;
    let everyone = group::Command::CreateEveryoneGroup { organization_id };
    unit.also_new::<Group>(&id, everyone).await?;
    Ok(())
}

/// Changes an organization. What is left out stays, and so does the name when it is empty.
pub async fn update(
    caller: &Caller,
    id: OrganizationId,
    mut form: OrganizationForm,
) -> Result<Organization, Failure> {
    let organization = Named(id);
    let leave = caller.may(Action::Update, &organization)?;
    form.name = form.name.filter(|name| !name.is_empty());
    leave
        .record(Command::UpdateOrganization(form.check()?))
        .await
        .map_err(|failure| failure.or_taken(|_| name_taken()))?;
    caller.services().shown(id, None).await
}

/// Deletes an organization. The default one stays.
pub async fn delete(caller: &Caller, id: OrganizationId) -> Result<(), Failure> {
    caller.record(&Named(id), Command::DeleteOrganization).await
}

fn name_taken() -> Refused {
    Refused::taken(
        "Organization already exists with that name.",
        "name",
        "This value is already in use and should be unique.",
    )
}
