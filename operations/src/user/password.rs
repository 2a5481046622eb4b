//! The password of a user.

use chancery_aggregates::api_key::DeletionReason;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::oauth2_grant::RevocationReason;
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::Command;

use super::User;
use super::begin::{check_strength, hash};
use super::end::Ending;
use super::sign_in::account;
use super::thing::Person;
use crate::failure::{Failure, Refused};
use crate::password_strength::PASSWORD_MAX;
use crate::policy::Action;
use crate::secret::{ExposeSecret as _, Secret};
use crate::{Caller, Services};

/// Replaces a password. Every key and token of the user ends, that of the caller among them if it is the user. The old password is
/// asked of a user who changes its own.
pub async fn change_password(
    caller: &Caller,
    user: &User,
    old: Secret,
    new: Secret,
) -> Result<(), Failure> {
    let services = caller.services();
    let person = Person(user.id);
    let leave = caller.may(Action::Update, &person)?;
    let account = account(services, user.id).await?;
    let account = account.ok_or(Failure::NotFound)?;
    if account.login_type != LoginType::Password {
        return Err(none_to_change());
    }
    let hashed = account.hashed_password.as_ref().map(PasswordHash::as_str);
    if user.id == caller.user_id() || !old.expose_secret().is_empty() {
        // Who holds a session may still not guess the password.
        services.check_attempt(&user.email, caller.client_address())?;
        if !is_right(services, old, hashed).await? {
            return Err(Refused::invalid("old_password", "Old password is incorrect.").into());
        }
    }
    // Only now: to find out what guessing it costs may take a while.
    let names = [&*user.email, &*user.username, &*user.name];
    check_strength(services, &new, names).await?;
    if is_right(services, new.clone(), hashed).await? {
        let same = "New password cannot match old password.";
        return Err(Refused::invalid("password", same).into());
    }
    let hashed_password = hash(services, new).await?;
    let ending = Ending {
        leave: &leave,
        user_id: user.id,
        command: Command::ChangePassword { hashed_password },
        leaves: None,
        keys: Some(DeletionReason::PasswordChanged),
        grants: Some(RevocationReason::PasswordChanged),
    };
    ending.run().await
}

/// The user signs in another way.
pub(super) fn none_to_change() -> Failure {
    let text = "Users without password login type cannot change their password.";
    Refused::impossible(text).into()
}

async fn is_right(
    services: &Services,
    password: Secret,
    hashed: Option<&str>,
) -> Result<bool, Failure> {
    // Longer ones were never taken, and hashing them would only cost time.
    if password.expose_secret().len() > PASSWORD_MAX {
        return Ok(false);
    }
    Ok(services.passwords().verify(password, hashed).await?)
}
