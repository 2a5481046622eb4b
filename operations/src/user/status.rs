//! Whether a user may sign in.

use chancery_aggregates::user::Command;

use super::end::Ending;
use super::thing::Account;
use super::{User, find};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::Action;

/// Suspends a user: its sessions and tokens end, and it gets no others until it is active again.
pub async fn suspend(caller: &Caller, user: &User) -> Result<User, Failure> {
    let account = Account(user.id);
    let leave = caller.may(Action::Update, &account)?;
    if user.id == caller.user_id() {
        return Err(Refused::impossible("You cannot suspend yourself.").into());
    }
    Ending::suspension(&leave, user.id).run().await?;
    find::changed(caller, user.id).await
}

/// Makes a suspended or dormant user active. What was handed out before a suspension stays ended.
pub async fn activate(caller: &Caller, user: &User) -> Result<User, Failure> {
    let account = Account(user.id);
    let leave = caller.may(Action::Update, &account)?;
    let command = Command::ActivateUser;
    let ending = Ending::of_suspension(&leave, user.id, command);
    ending.run().await?;
    find::changed(caller, user.id).await
}
