//! Signing in with a password (docs/contract/core.md 3.2).

use chancery_aggregates::Personal;
use chancery_aggregates::login_refusal::{Command, LoginRefusal, LoginRefusalId, Reason};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::{Status, User, UserId};
use chancery_projections::user::{self, UserRef};

use super::start_session::start_session;
use crate::authenticate::Unauthenticated;
use crate::failure::{Failure, InvalidField};
use crate::leave::{Leave, Thing};
use crate::password_strength::PASSWORD_MAX;
use crate::policy::{Action, PublicOperation, Resource};
use crate::secret::{ExposeSecret as _, Secret};
use crate::{Actor, Guest, Services};

/// Signs in and returns the session's token. A refusal is recorded.
pub async fn sign_in(guest: &Guest, email: &str, password: Secret) -> Result<Secret, Failure> {
    check(email, &password)?;
    let services = guest.services();
    if let Err(refused) = services.check_attempt(email, guest.facts().client_address) {
        record_refusal(guest, email, None, Reason::RateLimited).await?;
        return Err(refused);
    }
    let found = user::find(services.pool(), UserRef::Email(email)).await?;
    let account = match &found {
        Some(found) => account(services, found.id).await?,
        None => None,
    };
    let hashed = account
        .as_ref()
        .and_then(|account| account.hashed_password.as_ref())
        .map(PasswordHash::as_str);
    let right = services.passwords().verify(password, hashed).await?;
    let (Some(found), Some(account)) = (found, account) else {
        record_refusal(guest, email, None, Reason::UnknownUser).await?;
        return Err(Unauthenticated::WrongPassword.into());
    };
    if let Some((reason, refused)) = refusal(&account, right) {
        record_refusal(guest, email, Some(found.id), reason).await?;
        return Err(refused.into());
    }
    start_session(guest, &found, &account).await
}

/// The account of a user, as the user's stream has it: with the password's hash.
pub(super) async fn account(services: &Services, id: UserId) -> Result<Option<User>, Failure> {
    let (user, _) = services.ledger().load::<User>(&id.to_string()).await?;
    Ok(user.into_live())
}

fn check(email: &str, password: &Secret) -> Result<(), Failure> {
    let fields = [
        ("email", email.is_empty()),
        ("password", password.expose_secret().is_empty()),
    ];
    let missing: Vec<InvalidField> = fields
        .into_iter()
        .filter(|(_, is_missing)| *is_missing)
        .map(|(field, _)| InvalidField::required(field))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::invalid(missing));
    }
    // Such a password or address was never taken; hashing and searching would only cost time.
    if password.expose_secret().len() > PASSWORD_MAX || email.contains('\0') {
        return Err(Unauthenticated::WrongPassword.into());
    }
    Ok(())
}

fn refusal(account: &User, right: bool) -> Option<(Reason, Unauthenticated)> {
    let is_other = account.login_type != LoginType::Password;
    if !right {
        // The trail may know why; who does not know the password learns nothing of the account.
        let reason = if is_other {
            Reason::PasswordDisabled
        } else {
            Reason::WrongPassword
        };
        return Some((reason, Unauthenticated::WrongPassword));
    }
    if is_other {
        let other = Unauthenticated::OtherLoginType(account.login_type);
        return Some((Reason::PasswordDisabled, other));
    }
    (account.status == Status::Suspended)
        .then_some((Reason::Suspended, Unauthenticated::AccountSuspended))
}

/// A login that was refused.
struct RefusedLogin(LoginRefusalId);

impl Thing for RefusedLogin {
    type Noun = LoginRefusal;

    fn resource(&self) -> Resource {
        Resource::Deployment
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(_command: &Command) -> Option<Action> {
        Some(Action::Create)
    }
}

async fn record_refusal(
    guest: &Guest,
    email: &str,
    user_id: Option<UserId>,
    reason: Reason,
) -> Result<(), Failure> {
    let refused = RefusedLogin(guest.services().randomness().id());
    let author = guest.as_actor(Actor::anonymous());
    let leave = Leave::public(PublicOperation::Login, author, Action::Create, &refused);
    let email = Personal::new(email.to_owned());
    leave
        .record(Command::RefuseLogin {
            email,
            user_id,
            reason,
        })
        .await?;
    Ok(())
}
