//! The session of one whose password was right.

use chancery_aggregates::api_key::{ApiKey, Command as ApiKeyCommand};
use chancery_aggregates::user::{self, Command as UserCommand, Error};

use super::User;
use crate::api_key;
use crate::authenticate::Unauthenticated;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::policy::{Action, PublicOperation};
use crate::secret::Secret;
use crate::{Actor, Guest};

/// Starts a session of `user`, whose password was found right against `verified`; a dormant user wakes up. Whoever is suspended
/// or deleted in between, or gets another password, gets no session: the user's stream is part of the append, which holds only if
/// nothing happened to the user since it was looked at.
pub(super) async fn start_session(
    guest: &Guest,
    user: &User,
    verified: &user::User,
) -> Result<Secret, Failure> {
    let (new, key) = api_key::draw(guest.services(), user.id);
    let author = guest.as_actor(Actor::user(user.id, &*user.username));
    let leave = Leave::public(PublicOperation::Login, author, Action::Create, &key);
    let session = &api_key::session(&leave, new.hash)?;
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
            let credential_generation = present.credential_generation;
            let session = ApiKey {
                credential_generation,
                ..session.clone()
            };
            unit.record_new(ApiKeyCommand::CreateApiKey(session))
                .await?;
            unit.done(())
        })
        .await?;
    Ok(new.text)
}
