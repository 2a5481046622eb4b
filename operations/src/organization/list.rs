//! Listing organizations.

use chancery_projections::organization;

use super::Organization;
use crate::Caller;
use crate::failure::Failure;
use crate::policy::{OrganizationPart, Resource};
use crate::user::User;

/// The organizations that the caller sees.
pub async fn list(caller: &Caller) -> Result<Vec<Organization>, Failure> {
    let pool = caller.services().pool();
    if caller.subject().reads_every_organization() {
        Ok(organization::list(pool).await?)
    } else {
        Ok(organization::list_of_member(pool, caller.user_id()).await?)
    }
}

/// Those organizations of a user that the caller sees.
pub async fn list_of_user(caller: &Caller, user: &User) -> Result<Vec<Organization>, Failure> {
    let pool = caller.services().pool();
    let mut organizations = organization::list_of_member(pool, user.id).await?;
    organizations.retain(|organization| {
        let part = OrganizationPart::Profile;
        let id = organization.id;
        caller.sees(Resource::Organization { id, part }).is_ok()
    });
    Ok(organizations)
}
