//! Who is asking: from a request's token to a [`Session`] (contract core 3.1 and 3.2, oauth2 8).

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use chancery_aggregates::api_key::{ApiKey, Command as ApiKeyCommand, Origin, Scope};
use chancery_aggregates::oauth2::resource::audience_matches;
use chancery_aggregates::oauth2::secret_text::PresentedApiKey;
use chancery_aggregates::user::{Command as UserCommand, Error, Status, User};
use chancery_ledger::{CommandContext, UnitOfWork};
use chancery_projections::ProjectionName;
use chancery_projections::credential::Credential;
use chancery_projections::organization;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

use super::command_context::{Actor, RequestFacts};
use super::csrf;
use super::error::{ApiError, Challenge};
use super::state::AppState;
use super::token_source::{TokenSource, find_token};
use crate::policy::{
    self, Action, Membership, OrganizationRole, Permit, PublicOperation, Resource, Role, Subject,
};
use crate::secret;

const SIGNED_OUT: &str =
    "You are signed out or your session has expired. Please sign in again to continue.";

/// Someone who has shown a valid token. As an extractor it refuses everyone else; `Option<Session>` lets them through as None.
#[derive(Clone, Debug)]
pub struct Session {
    /// The token and its user.
    pub credential: Arc<Credential>,
    /// Where the token was found.
    pub source: TokenSource,
}

impl Session {
    /// The user's id.
    pub fn user_id(&self) -> Uuid {
        self.credential.user.id
    }

    /// The one who asks, for the policy.
    pub fn subject(&self) -> Subject {
        Subject {
            user_id: self.user_id(),
            roles: self
                .credential
                .user
                .roles
                .iter()
                .filter_map(|name| Role::from_name(name))
                .collect(),
            memberships: self.credential.memberships.iter().map(membership).collect(),
        }
    }

    /// The one who acts, for the trail.
    pub fn actor(&self) -> Actor {
        Actor::user(self.user_id(), &*self.credential.user.username)
    }

    /// Looks once more whether the session is good, after everything that this process knows to have happened. For what outlives
    /// it: a key made with a session must not be recorded after what ended the session.
    pub async fn confirm(&self, state: &AppState) -> Result<(), ApiError> {
        state
            .wait_for(ProjectionName::USER, state.ledger_head())
            .await?;
        match state.readers.credential(&self.credential.key_id).await? {
            Some(present) if present.user.status == Status::Active.as_str() => Ok(()),
            Some(_) => Err(suspended()),
            None => Err(Self::ended()),
        }
    }

    /// A unit of work that is recorded only if nothing has ended the session: for what outlives it.
    ///
    /// The stream of the session's user is part of the append, and the session is looked at once more when that stream has been:
    /// a change of the password, say, is either seen then, or makes the append fail as a conflict.
    pub async fn unit_of_work(
        &self,
        state: &AppState,
        permit: &Permit,
        context: &CommandContext,
    ) -> Result<UnitOfWork, ApiError> {
        let mut unit = state.commands(permit).unit_of_work(context);
        unit.execute::<User>(&self.user_id().to_string(), UserCommand::WakeUser)
            .await
            .map_err(|error| ApiError::of_execute(error, |_| Self::ended()))?;
        self.confirm(state).await?;
        Ok(unit)
    }

    /// 401: the session was good, and is not any more.
    pub fn ended() -> ApiError {
        signed_out("API key is invalid.".to_owned(), Challenge::InvalidToken)
    }

    /// Whether the session may do `action` to `resource`.
    pub fn decide(&self, action: Action, resource: Resource) -> Result<Permit, ApiError> {
        policy::decide(&self.subject(), action, resource).map_err(ApiError::from)
    }
}

fn membership(membership: &organization::Membership) -> Membership {
    let roles = membership.roles.iter();
    Membership {
        organization_id: membership.organization_id,
        roles: roles
            .filter_map(|name| OrganizationRole::from_name(name))
            .collect(),
    }
}

/// A session whose request may carry its CSRF token in a form: the handler reads the form, then [`FormSession::confirm`]s.
#[derive(Clone, Debug)]
pub struct FormSession {
    session: Session,
    headers: HeaderMap,
}

impl FormSession {
    /// The session, once the form's `csrf_token` (or the header) has been checked. Sessions by header need none.
    pub fn confirm(self, csrf_token: Option<&str>) -> Result<Session, ApiError> {
        if self.session.source == TokenSource::Cookie {
            csrf::check_token(&self.headers, csrf_token)?;
        }
        Ok(self.session)
    }
}

impl FromRequestParts<AppState> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let session = authenticate(parts, state).await?;
        if session.source == TokenSource::Cookie && changes_state(&parts.method) {
            csrf::check_origin(&parts.headers, &state.access_url)?;
            csrf::check_token(&parts.headers, None)?;
        }
        Ok(session)
    }
}

impl OptionalFromRequestParts<AppState> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, Self::Rejection> {
        let session = <Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await;
        signed_out_as_none(session)
    }
}

impl FromRequestParts<AppState> for FormSession {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let session = authenticate(parts, state).await?;
        if session.source == TokenSource::Cookie && changes_state(&parts.method) {
            csrf::check_origin(&parts.headers, &state.access_url)?;
        }
        Ok(Self {
            session,
            headers: parts.headers.clone(),
        })
    }
}

impl OptionalFromRequestParts<AppState> for FormSession {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, Self::Rejection> {
        let session = <Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await;
        signed_out_as_none(session)
    }
}

fn signed_out_as_none<T>(session: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match session {
        Ok(session) => Ok(Some(session)),
        Err(error) if error.status == StatusCode::UNAUTHORIZED => Ok(None),
        Err(error) => Err(error),
    }
}

fn changes_state(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

async fn authenticate(parts: &Parts, state: &AppState) -> Result<Session, ApiError> {
    let (token, source) = find_token(&parts.headers, &parts.uri).ok_or_else(|| {
        signed_out(
            "Cookie \"coder_session_token\" or query parameter must be provided.".to_owned(),
            Challenge::InvalidToken,
        )
    })?;
    let presented = PresentedApiKey::parse(token.expose()).map_err(|error| {
        signed_out(
            format!("Invalid API key format: {error}"),
            Challenge::InvalidToken,
        )
    })?;
    let credential = state.readers.credential(&presented.id).await?;
    let credential = credential
        .ok_or_else(|| signed_out("API key is invalid.".to_owned(), Challenge::InvalidToken))?;
    if !secret::equal(&credential.hashed_secret, presented.hash.as_str()) {
        return Err(signed_out(
            "API key secret is invalid.".to_owned(),
            Challenge::InvalidToken,
        ));
    }
    let now = state.clock.now();
    if credential.expires_at <= now {
        return Err(expired(credential.expires_at));
    }
    check_audience(&credential, state)?;
    if credential.scope == Scope::ApplicationConnect.as_str() {
        return Err(ApiError::forbidden());
    }
    let session = Session {
        credential: Arc::new(credential),
        source,
    };
    check_status(&session, parts, state).await?;
    note_use(&session, parts, state, now);
    Ok(session)
}

fn signed_out(detail: String, challenge: Challenge) -> ApiError {
    ApiError::unauthorized(SIGNED_OUT, challenge).with_detail(detail)
}

fn expired(at: DateTime<Utc>) -> ApiError {
    let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    signed_out(
        format!("API key expired at \"{at}\"."),
        Challenge::ExpiredToken,
    )
}

/// A token that was issued for a resource is good there only (RFC 8707, contract oauth2 8).
///
/// The request's own `Host` counts for nothing: whoever holds a token that was meant for another resource may write it.
fn check_audience(credential: &Credential, state: &AppState) -> Result<(), ApiError> {
    let audience = credential
        .oauth2
        .as_ref()
        .and_then(|grant| grant.audience.as_deref())
        .filter(|audience| !audience.is_empty());
    let Some(audience) = audience else {
        return Ok(());
    };
    if audience_matches(audience, state.access_url.as_str()) {
        return Ok(());
    }
    Err(
        ApiError::new(StatusCode::FORBIDDEN, "Token audience validation failed")
            .with_detail(format!(
                "The token's audience \"{audience}\" is not \"{}\".",
                state.access_url
            ))
            .with_challenge(Challenge::WrongAudience),
    )
}

/// Suspended users are refused; dormant ones wake up.
async fn check_status(session: &Session, parts: &Parts, state: &AppState) -> Result<(), ApiError> {
    let status = session.credential.user.status.as_str();
    if status == Status::Active.as_str() {
        return Ok(());
    }
    if status != Status::Dormant.as_str() {
        return Err(suspended());
    }
    let context = RequestFacts::of(parts).command(state, &session.actor());
    let permit = policy::public(PublicOperation::Login);
    let woken = state
        .commands(&permit)
        .execute::<User>(
            &session.user_id().to_string(),
            UserCommand::WakeUser,
            &context,
        )
        .await
        .map_err(|error| {
            ApiError::of_execute(error, |refused| match refused {
                Error::Suspended => suspended(),
                Error::NotFound => Session::ended(),
                refused => ApiError::internal(&refused),
            })
        })?;
    state.wait_for(ProjectionName::USER, woken.position).await
}

fn suspended() -> ApiError {
    ApiError::unauthorized(
        "User is not active (status = \"suspended\"). Contact an admin to reactivate your account.",
        Challenge::InvalidToken,
    )
}

/// Stamps the key and pushes a session's end forward, without making the request wait for either.
fn note_use(session: &Session, parts: &Parts, state: &AppState, now: DateTime<Utc>) {
    let credential = &session.credential;
    if credential.is_touch_due(now) {
        state
            .key_use
            .used(&credential.key_id, session.user_id(), now);
    }
    let Some(expires_at) = later_end(credential, now) else {
        return;
    };
    if !state.key_use.may_extend(&credential.key_id, now) {
        return;
    }
    let context = RequestFacts::of(parts).command(state, &session.actor());
    let (state, key_id) = (state.clone(), credential.key_id.clone());
    tokio::spawn(async move {
        let permit = policy::public(PublicOperation::Server);
        let command = ApiKeyCommand::ExtendApiKey { expires_at, now };
        let extended = state
            .commands(&permit)
            .execute::<ApiKey>(&key_id, command, &context)
            .await;
        if let Err(error) = extended {
            tracing::warn!(%error, "a session in use could not be extended");
        }
    });
}

/// The end that a session in use gets: a whole lifetime from now, once an hour of it has passed. Tokens end when they end.
fn later_end(credential: &Credential, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if credential.origin != Origin::Login.as_str() {
        return None;
    }
    let lifetime = TimeDelta::try_seconds(credential.lifetime_seconds)?;
    let window = lifetime - TimeDelta::hours(1);
    (credential.expires_at - now <= window)
        .then(|| now.checked_add_signed(lifetime))
        .flatten()
}
