//! From a token to a [`Caller`] (docs/contract/core.md 3.1 and 3.2, oauth2 8).

use std::sync::Arc;

use chancery_aggregates::api_key::{Command as ApiKeyCommand, Origin, Scope};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::oauth2::resource::audience_matches;
use chancery_aggregates::oauth2::secret_text::PresentedApiKey;
use chancery_aggregates::user::{Command as UserCommand, Error, Status};
use chancery_ledger::Present;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::api_key::Key;
use crate::caller::{Caller, Guest};
use crate::credential::Credential;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::policy::{Action, PublicOperation};
use crate::secret::{ExposeSecret as _, Secret};
use crate::user::Account;
use crate::{Actor, Services};

/// Why it is not known who asks, or why that one is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// The token has no token's form.
    #[error("Invalid API key format: {0}")]
    Malformed(String),
    /// There is no such token, or no longer.
    #[error("API key is invalid.")]
    Ended,
    /// The token's secret part is another.
    #[error("API key secret is invalid.")]
    WrongSecret,
    /// The token was good until then.
    #[error("API key expired at \"{}\".", .0.to_rfc3339_opts(SecondsFormat::AutoSi, true))]
    Expired(DateTime<Utc>),
    /// The token was issued for another resource (RFC 8707).
    #[error("The token's audience \"{audience}\" is not \"{expected}\".")]
    WrongAudience {
        /// What it was issued for.
        audience: String,
        /// What it was shown to.
        expected: String,
    },
    /// The token is for connecting to applications alone.
    #[error("the token's scope does not reach the API")]
    ScopeTooNarrow,
    /// The token's user is suspended.
    #[error(
        "User is not active (status = \"suspended\"). Contact an admin to reactivate your account."
    )]
    Suspended,
    /// Signing in: not this user, or not with this password.
    #[error("Incorrect email or password.")]
    WrongPassword,
    /// Signing in: the user is suspended.
    #[error("Your account is suspended. Contact an admin to reactivate your account.")]
    AccountSuspended,
    /// A daemon shows no provisioner key.
    #[error("provisioner daemon key required")]
    NoProvisionerKey,
    /// A daemon shows a provisioner key that there is not, or no longer.
    #[error("provisioner daemon key invalid")]
    WrongProvisionerKey,
    /// A daemon shows another text than the deployment shares with its daemons.
    #[error("provisioner daemon psk invalid")]
    WrongProvisionerPsk,
    /// Signing in with a password: the user signs in another way.
    #[error(
        "Incorrect login type, attempting to use \"password\", user is of login type \"{}\"",
        .0.as_str()
    )]
    OtherLoginType(LoginType),
}

/// The holder of a token as far as this server knows: something may have ended it elsewhere. Good only for a unit of work that
/// [rests on](Caller::stays) the caller, whose append then is the proof, and which need not ask for the head before it.
pub struct Presumed(Caller);

impl Presumed {
    /// The caller, for what rests on it or cannot change: whose token it is, and what kind.
    pub(crate) fn caller(&self) -> &Caller {
        &self.0
    }

    /// Whether an app acts for the user (RFC 6749).
    pub fn is_app(&self) -> bool {
        self.0.credential().oauth2.is_some()
    }
}

/// Who is known to be good is presumed to be.
impl From<Caller> for Presumed {
    fn from(caller: Caller) -> Self {
        Self(caller)
    }
}

/// The holder of `token`. A dormant user wakes up, a session in use is extended.
pub async fn authenticate(guest: &Guest, token: &Secret) -> Result<Caller, Failure> {
    let now = guest.services().ledger().now().await?;
    holder(guest, token, &now).await
}

/// Like [`authenticate`], for what is recorded only if the token is still good. That it is not is so now.
pub async fn presume(guest: &Guest, token: &Secret) -> Result<Presumed, Failure> {
    let so_far = guest.services().ledger().so_far();
    match holder(guest, token, &so_far).await {
        Ok(caller) => Ok(Presumed(caller)),
        Err(_) => authenticate(guest, token).await.map(Presumed),
    }
}

async fn holder(guest: &Guest, token: &Secret, view: &Present) -> Result<Caller, Failure> {
    let services = guest.services();
    let presented = PresentedApiKey::parse(token.expose_secret())
        .map_err(|error| Unauthenticated::Malformed(error.to_string()))?;
    let credential = Credential::find(view, &presented.id).await?;
    let mut credential = credential.ok_or(Unauthenticated::Ended)?;
    if credential.hashed_secret != presented.hash {
        return Err(Unauthenticated::WrongSecret.into());
    }
    let now = services.clock().now();
    if credential.expires_at <= now {
        return Err(Unauthenticated::Expired(credential.expires_at).into());
    }
    check_audience(&credential, services)?;
    if credential.scope == Scope::ApplicationConnect {
        return Err(Unauthenticated::ScopeTooNarrow.into());
    }
    if check_status(&credential, guest).await? == WasDormant(true) {
        let awake = Credential::find(&services.ledger().so_far(), &presented.id).await?;
        credential = awake.ok_or(Unauthenticated::Ended)?;
    }
    note_use(&credential, guest, now);
    let facts = Arc::clone(guest.facts());
    Ok(Caller::new(services, facts, Arc::new(credential)))
}

/// A token that was issued for a resource is good there only (RFC 8707, docs/contract/oauth2.md 8).
///
/// The request's own `Host` counts for nothing: whoever holds a token that was meant for another resource may write it.
fn check_audience(credential: &Credential, services: &Services) -> Result<(), Unauthenticated> {
    let audience = credential
        .oauth2
        .as_ref()
        .and_then(|grant| grant.audience.as_deref())
        .filter(|audience| !audience.is_empty());
    let expected = &services.settings().access_url;
    match audience {
        Some(audience) if !audience_matches(audience, expected) => {
            Err(Unauthenticated::WrongAudience {
                audience: audience.to_owned(),
                expected: expected.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// Whether the user was dormant, and has just woken up.
#[derive(PartialEq, Eq)]
struct WasDormant(bool);

/// Suspended users are refused; dormant ones wake up.
async fn check_status(credential: &Credential, guest: &Guest) -> Result<WasDormant, Failure> {
    match credential.account().map(|user| user.status) {
        Some(Status::Active) => return Ok(WasDormant(false)),
        Some(Status::Dormant) => {}
        Some(Status::Suspended) => return Err(Unauthenticated::Suspended.into()),
        None => return Err(Unauthenticated::Ended.into()),
    }
    let account = Account(credential.user.id);
    let author = guest.as_actor(actor(credential));
    let leave = Leave::public(PublicOperation::Login, author, Action::Update, &account);
    match leave.try_record(UserCommand::WakeUser).await? {
        Ok(_) => Ok(WasDormant(true)),
        Err(Error::Suspended) => Err(Unauthenticated::Suspended.into()),
        Err(Error::NotFound) => Err(Unauthenticated::Ended.into()),
        Err(refused) => Err(Failure::of_refusal(&refused)),
    }
}

fn actor(credential: &Credential) -> Actor {
    Actor::user(credential.user.id, &*credential.user.username)
}

/// Stamps the key and pushes a session's end forward, without making the request wait for either.
fn note_use(credential: &Credential, guest: &Guest, now: DateTime<Utc>) {
    let key_use = guest.services().key_use();
    key_use.used(&credential.key_id, credential.user.id, now);
    let Some(expires_at) = later_end(credential, now) else {
        return;
    };
    if !key_use.may_extend(&credential.key_id, now) {
        return;
    }
    let author = guest.as_actor(actor(credential));
    let key = Key {
        id: credential.key_id.clone(),
        user_id: credential.user.id,
    };
    tokio::spawn(async move {
        let leave = Leave::public(PublicOperation::Server, author, Action::Update, &key);
        let command = ApiKeyCommand::ExtendApiKey { expires_at, now };
        if let Err(failure) = leave.record_unseen(command).await {
            tracing::warn!(%failure, "a session in use could not be extended");
        }
    });
}

/// The end that a session in use gets: a whole lifetime from now, once an hour of it has passed. Tokens end when they end.
fn later_end(credential: &Credential, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if credential.origin != Some(Origin::Login) {
        return None;
    }
    let lifetime = TimeDelta::try_seconds(credential.lifetime_seconds)?;
    let window = lifetime - TimeDelta::hours(1);
    (credential.expires_at - now <= window)
        .then(|| now.checked_add_signed(lifetime))
        .flatten()
}
