//! Deleting a group.

use chancery_aggregates::group::Command;

use super::SeenGroup;
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// Deletes a group. That of everyone stays.
pub async fn delete(caller: &Caller, group: &SeenGroup) -> Result<(), Failure> {
    let thing = group.thing();
    let leave = caller.may(Action::Delete, &thing)?;
    leave.record(Command::DeleteGroup).await?;
    Ok(())
}
