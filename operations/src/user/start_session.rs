//! The session of one whose password was right.

use chancery_aggregates::api_key::{Command as ApiKeyCommand, CreateApiKey, Origin, Scope};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::{self, Command as UserCommand, Error};

use super::User;
use crate::api_key::Key;
use crate::authenticate::Unauthenticated;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::policy::{Action, PublicOperation};
use crate::secret::{NewApiKey, Secret, short_id};
use crate::{Actor, Guest, Services};

/// Starts a session of `user`, whose password was found right against `verified`; a dormant user wakes up. Whoever is suspended
/// or deleted in between, or gets another password, gets no session: the user's stream is part of the append, which holds only if
/// nothing happened to the user since it was looked at.
pub(super) async fn start_session(
    guest: &Guest,
    user: &User,
    verified: &user::User,
) -> Result<Secret, Failure> {
    let services = guest.services();
    let randomness = services.randomness();
    let id = short_id(&randomness, services.clock().now());
    let new = NewApiKey::generate(id, &randomness);
    let key = Key {
        id: new.id,
        user_id: user.id,
    };
    let hash = &new.hash;
    let author = guest.as_actor(Actor::user(user.id, &*user.username));
    let leave = Leave::public(PublicOperation::Login, author, Action::Create, &key);
    let lifetime = services.settings().lifetimes.session;
    let (lifetime_seconds, expires_at) = Services::expiry(lifetime, leave.now())?;
    leave
        .unit(|mut unit| async move {
            let id = user.id.to_string();
            let woken = unit.try_also::<user::User>(&id, UserCommand::WakeUser);
            let woken = match woken.await? {
                Ok(woken) => woken,
                Err(Error::Suspended) => return Err(Unauthenticated::AccountSuspended.into()),
                Err(Error::NotFound) => return Err(Unauthenticated::WrongPassword.into()),
                Err(refused) => return Err(Failure::of_refusal(&refused)),
            };
            let same = |present: &user::User| present.hashed_password == verified.hashed_password;
            let Some(present) = woken.into_live().filter(same) else {
                return Err(Unauthenticated::WrongPassword.into());
            };
            unit.record_new(ApiKeyCommand::CreateApiKey(CreateApiKey {
                user_id: user.id,
                credential_generation: present.credential_generation,
                origin: Origin::Login,
                login_type: LoginType::Password,
                scope: Scope::All,
                token_name: None,
                hashed_secret: hash.clone(),
                lifetime_seconds,
                expires_at,
            }))
            .await?;
            unit.done(())
        })
        .await?;
    Ok(new.text)
}
