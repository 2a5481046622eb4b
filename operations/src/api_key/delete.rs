//! Deleting keys.

use chancery_aggregates::api_key::{Command, DeletionReason};
use chancery_projections::api_key;

use super::Key;
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;
use crate::user::User;

/// Deletes a key of a user.
pub async fn delete(caller: &Caller, user: &User, key_id: &str) -> Result<(), Failure> {
    let key = Key {
        id: key_id.to_owned(),
        user_id: user.id,
    };
    let leave = caller.may(Action::Delete, &key)?;
    let found = api_key::find(caller.services().pool(), user.id, key_id).await?;
    found.ok_or(Failure::NotFound)?;
    let reason = DeletionReason::Deleted;
    leave.record(Command::DeleteApiKey { reason }).await?;
    Ok(())
}
