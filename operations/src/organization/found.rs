//! A new organization.

use chancery_aggregates::group::{self, Group};
use chancery_aggregates::organization::{Command, Organization};
use uuid::Uuid;

use crate::failure::Failure;
use crate::leave::Thing;
use crate::unit::Unit;

/// Begins an organization, with its group of everyone: the group has the organization's id.
pub(crate) async fn found<T: Thing>(
    unit: &mut Unit<'_, T>,
    organization_id: Uuid,
    command: Command,
) -> Result<(), Failure> {
    let id = organization_id.to_string();
    unit.also_new::<Organization>(&id, command).await?;
    let everyone = group::Command::CreateEveryoneGroup { organization_id };
    unit.also_new::<Group>(&id, everyone).await?;
    Ok(())
}
