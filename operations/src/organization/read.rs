//! Reading organizations.

use chancery_aggregates::organization::OrganizationId;
use chancery_ledger::Position;
use chancery_projections::registry::Page;
use chancery_projections::user::organization_roles;

use super::Organization;
use crate::Caller;
use crate::failure::Failure;
use crate::policy::{OrganizationPart, Resource};
use crate::reference::whole_id;
use crate::user::User;

/// The organization that `text` names: by its UUID, its name, or `default`. One that the caller does not see is not found.
pub async fn find(caller: &Caller, text: &str) -> Result<Organization, Failure> {
    let services = caller.services();
    let default = || services.deployment().default_organization_id;
    let id = whole_id(text).or_else(|| (text == "default").then(default));
    let (view, name_key) = (services.view(None), text.to_lowercase());
    let found = match id {
        Some(id) => view.get(id).await?,
        None => view.by_name(None, &name_key).await?,
    };
    found
        .filter(|organization| is_seen(caller, organization))
        .ok_or(Failure::NotFound)
}

/// An organization that the caller was found to see, as it is or as it was at a position.
pub async fn get(
    caller: &Caller,
    organization: Organization,
    as_of: Option<Position>,
) -> Result<Organization, Failure> {
    match as_of {
        None => Ok(organization),
        Some(_) => caller.services().shown(organization.id, as_of).await,
    }
}

/// The organizations that the caller sees, by name.
pub async fn list(caller: &Caller) -> Result<Vec<Organization>, Failure> {
    let view = caller.services().view(None);
    if caller.subject().reads_every_organization() {
        return Ok(view.list(None, Page::default()).await?);
    }
    let memberships = caller.subject().memberships.iter();
    let ids: Vec<OrganizationId> = memberships.map(|one| one.organization_id).collect();
    Ok(view.get_many(&ids).await?)
}

/// Those organizations of a user that the caller sees, by name.
pub async fn list_of_user(caller: &Caller, user: &User) -> Result<Vec<Organization>, Failure> {
    let services = caller.services();
    let memberships = organization_roles(services.pool(), user.id).await?;
    let ids: Vec<OrganizationId> = memberships.into_iter().map(|(id, _)| id).collect();
    let mut organizations = services.view(None).get_many(&ids).await?;
    organizations.retain(|organization| is_seen(caller, organization));
    Ok(organizations)
}

fn is_seen(caller: &Caller, organization: &Organization) -> bool {
    let (id, part) = (organization.id, OrganizationPart::Profile);
    caller.sees(Resource::Organization { id, part }).is_ok()
}
