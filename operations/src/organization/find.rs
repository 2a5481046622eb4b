//! Finding one organization.

use chancery_ledger::Position;
use chancery_projections::organization::{self, OrganizationRef, Organizations};
use uuid::Uuid;

use super::Organization;
use crate::failure::Failure;
use crate::past::Past;
use crate::policy::{OrganizationPart, Resource};
use crate::reference::whole_uuid;
use crate::{Caller, Services};

const STREAM_TYPE: &str = "organization";

/// The organization that `text` names: by its UUID, its name, or `default`. One that the caller does not see is not found.
pub async fn find(caller: &Caller, text: &str) -> Result<Organization, Failure> {
    let reference = match whole_uuid(text) {
        Some(id) => OrganizationRef::Id(id),
        None if text == "default" => OrganizationRef::Default,
        None => OrganizationRef::Name(text),
    };
    let found = organization::find(caller.services().pool(), reference).await?;
    let organization = found.ok_or(Failure::NotFound)?;
    caller.sees(Resource::Organization {
        id: organization.id,
        part: OrganizationPart::Profile,
    })?;
    Ok(organization)
}

/// An organization that the caller was found to see, as it is or as it was at a position.
pub async fn get(
    caller: &Caller,
    organization: Organization,
    as_of: Option<Position>,
) -> Result<Organization, Failure> {
    let Some(until) = as_of else {
        return Ok(organization);
    };
    let (id, services) = (organization.id, caller.services());
    let events = services
        .reader()
        .read_stream_until(STREAM_TYPE, &id.to_string(), until)
        .await?;
    let past = Past::new(services, &[&Organizations], events).await?;
    let then = organization::find(past.pool(), OrganizationRef::Id(id)).await?;
    then.ok_or(Failure::NotFound)
}

pub(super) async fn by_id(services: &Services, id: Uuid) -> Result<Organization, Failure> {
    let found = organization::find(services.pool(), OrganizationRef::Id(id)).await?;
    found.ok_or(Failure::NotFound)
}
