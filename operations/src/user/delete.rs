//! Deleting a user.

use chancery_aggregates::api_key::DeletionReason;
use chancery_aggregates::oauth2_grant::RevocationReason;
use chancery_aggregates::user::Command;

use super::User;
use super::end::Ending;
use super::thing::Existence;
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::Action;

/// Deletes a user: its sessions, tokens and memberships end, and its user name and e-mail address can be taken again. An owner is
/// deleted by an owner only.
pub async fn delete(caller: &Caller, user: &User) -> Result<(), Failure> {
    let existence = Existence::of(user);
    let leave = caller.may(Action::Delete, &existence)?;
    if user.id == caller.user_id() {
        return Err(Refused::forbidden("You cannot delete yourself!").into());
    }
    let ending = Ending {
        leave: &leave,
        user_id: user.id,
        command: Command::DeleteUser,
        leaves: Some(caller),
        keys: Some(DeletionReason::UserDeleted),
        grants: Some(RevocationReason::UserDeleted),
    };
    ending.run().await
}
