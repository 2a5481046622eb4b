//! Making an organization.

use chancery_aggregates::organization::{Command, Organization as NewOrganization, Profile};
use chancery_aggregates::organization_member::{
    Command as MemberCommand, OrganizationMember, stream_id,
};

use super::{Organization, OrganizationForm, Unfounded, find, found, name_taken};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// Makes an organization, with its group of everyone and the caller as its first member, all or nothing. What is left out is
/// empty; the name stands for a display name.
pub async fn create(caller: &Caller, mut form: OrganizationForm) -> Result<Organization, Failure> {
    let id = caller.services().randomness().uuid();
    let organization = Unfounded(id);
    let leave = caller
        .may(Action::Create, &organization)
        .map_err(|failure| failure.saying("You are not authorized to create organizations."))?;
    form.name.get_or_insert_default();
    let mut profile = form.check()?.onto(Profile::default());
    if profile.display_name.as_str().is_empty() {
        profile.display_name = (&profile.name).into();
    }
    let command = &Command::CreateOrganization(NewOrganization {
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
    find::by_id(caller.services(), id).await
}
