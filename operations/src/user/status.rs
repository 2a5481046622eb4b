//! Whether a user may sign in.

use chancery_aggregates::user::Command;

use super::thing::Account;
use super::{User, find};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::{Action, Resource};

/// Suspends a user: its sessions and tokens are refused until it is active again.
pub async fn suspend(caller: &Caller, user: &User) -> Result<User, Failure> {
    caller.is_allowed(Action::Update, Resource::User(user.id))?;
    if user.id == caller.user_id() {
        return Err(Refused::impossible("You cannot suspend yourself.").into());
    }
    change(caller, user, Command::SuspendUser).await
}

/// Makes a suspended or dormant user active. Its sessions and tokens that have not expired are good again.
pub async fn activate(caller: &Caller, user: &User) -> Result<User, Failure> {
    change(caller, user, Command::ActivateUser).await
}

async fn change(caller: &Caller, user: &User, command: Command) -> Result<User, Failure> {
    let account = Account(user.id);
    caller
        .may(Action::Update, &account)?
        .record(command)
        .await?;
    find::changed(caller, user.id).await
}
