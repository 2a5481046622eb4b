//! The session of one whose password was right.

use chancery_aggregates::api_key::{ApiKey, Command as ApiKeyCommand, CreateApiKey, Origin, Scope};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::{Command as UserCommand, Error, User};
use chancery_ledger::{AppendError, Position};
use chancery_projections::{ProjectionName, user};

use super::login::{incorrect, suspended};
use crate::http::{Actor, ApiError, AppState, RequestFacts};
use crate::policy::{self, PublicOperation};
use crate::secret::{NewApiKey, Secret};

/// How often it is decided anew when the user changed in between.
const ATTEMPTS: u32 = 5;

/// Starts a session of `user`, whose password was found right against `verified`; a dormant user wakes up. Whoever is suspended
/// or deleted in between, or gets another password, gets no session.
pub(super) async fn start_session(
    state: &AppState,
    facts: &RequestFacts,
    user: &user::User,
    verified: &User,
) -> Result<Secret, ApiError> {
    let key = NewApiKey::generate(&state.randomness);
    let mut attempt = 1;
    let position = loop {
        match record(state, facts, user, verified, &key).await? {
            Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
            outcome => break outcome.map_err(|error| ApiError::of_append(&error))?,
        }
    };
    state.wait_for(ProjectionName::USER, position).await?;
    state.wait_for(ProjectionName::API_KEY, position).await?;
    Ok(key.text)
}

/// The user's stream is part of the append: it holds only if nothing happened to the user since it was looked at.
async fn record(
    state: &AppState,
    facts: &RequestFacts,
    user: &user::User,
    verified: &User,
    key: &NewApiKey,
) -> Result<Result<Option<Position>, AppendError>, ApiError> {
    let context = facts.command(state, &Actor::user(user.id, &user.username));
    let permit = policy::public(PublicOperation::Login);
    let mut unit = state.commands(&permit).unit_of_work(&context);
    let woken = unit
        .execute::<User>(&user.id.to_string(), UserCommand::WakeUser)
        .await
        .map_err(|error| {
            ApiError::of_execute(error, |refused| match refused {
                Error::Suspended => suspended(),
                Error::NotFound => incorrect(),
                refused => ApiError::internal(&refused),
            })
        })?;
    let present = woken.into_live().and_then(|user| user.hashed_password);
    if present != verified.hashed_password {
        return Err(incorrect());
    }
    let (lifetime_seconds, expires_at) = state.expiry(state.lifetimes().session, context.now)?;
    let create = CreateApiKey {
        user_id: user.id,
        origin: Origin::Login,
        login_type: LoginType::Password,
        scope: Scope::All,
        token_name: None,
        hashed_secret: key.hash.clone(),
        lifetime_seconds,
        expires_at,
    };
    unit.execute_new::<ApiKey>(&key.id, ApiKeyCommand::CreateApiKey(create))
        .await
        .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    Ok(unit.commit().await)
}
