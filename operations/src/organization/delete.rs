//! Deleting an organization.

use chancery_aggregates::organization::Command;

use super::{Founded, Organization};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// Deletes an organization. The default one stays.
pub async fn delete(caller: &Caller, organization: &Organization) -> Result<(), Failure> {
    let organization = Founded(organization.id);
    let leave = caller.may(Action::Delete, &organization)?;
    leave.record(Command::DeleteOrganization).await?;
    Ok(())
}
