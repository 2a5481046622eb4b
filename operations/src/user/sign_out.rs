//! Signing out.

use chancery_aggregates::api_key::{Command, DeletionReason, Error};

use crate::Caller;
use crate::api_key::Key;
use crate::failure::Failure;
use crate::policy::Action;

/// Ends the caller's own session or token. One that is gone already is as good as ended. An app's access token does not end so: its
/// grant is revoked.
pub async fn sign_out(caller: &Caller) -> Result<(), Failure> {
    let key = Key {
        id: caller.credential().key_id.clone(),
        user_id: caller.user_id(),
    };
    let leave = caller.may(Action::Delete, &key)?;
    if caller.credential().oauth2.is_some() {
        return Err(Failure::NOT_ALLOWED);
    }
    let reason = DeletionReason::Logout;
    match leave.try_record(Command::DeleteApiKey { reason }).await? {
        Ok(_) | Err(Error::NotFound) => Ok(()),
        Err(refused) => Err(Failure::of_refusal(&refused)),
    }
}
