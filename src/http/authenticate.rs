//! Who is asking: from a request's token to a [`Session`] (contract core 3.1 and 3.2, oauth2 8).

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use chancery_aggregates::user::{Command as UserCommand, Status, User};
use chancery_ledger::{CommandContext, UnitOfWork};
use chancery_operations::authenticate::Unauthenticated;
use chancery_operations::{Caller, Failure, Guest};
use chancery_projections::ProjectionName;
use chancery_projections::credential::Credential;
use uuid::Uuid;

use super::command_context::{Actor, RequestFacts};
use super::csrf;
use super::error::{ApiError, Challenge};
use super::state::AppState;
use super::token_source::{TokenSource, find_token};
use crate::policy::{self, Action, Permit, Resource, Subject};

/// Someone who has shown a valid token. As an extractor it refuses everyone else; `Option<Session>` lets them through as None.
#[derive(Clone)]
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// The token and its user.
    pub credential: Arc<Credential>,
    /// Where the token was found.
    pub source: TokenSource,
}

impl Session {
    /// The session of a caller.
    pub fn of(caller: Caller, source: TokenSource) -> Self {
        Self {
            credential: Arc::new(caller.credential().clone()),
            caller,
            source,
        }
    }

    /// The user's id.
    pub fn user_id(&self) -> Uuid {
        self.credential.user.id
    }

    /// The one who asks, for the policy.
    pub fn subject(&self) -> Subject {
        self.caller.subject().clone()
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
            Some(_) => Err(Failure::from(Unauthenticated::Suspended).into()),
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
        Failure::from(Unauthenticated::Ended).into()
    }

    /// Whether the session may do `action` to `resource`.
    pub fn decide(&self, action: Action, resource: Resource) -> Result<Permit, ApiError> {
        policy::decide(&self.subject(), action, resource)
            .map_err(|denied| Failure::from(denied).into())
    }
}

/// A session whose request may carry its CSRF token in a form: the handler reads the form, then [`FormSession::confirm`]s.
#[derive(Clone)]
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
        let (caller, source) = authenticate(parts, state).await?;
        if source == TokenSource::Cookie && changes_state(&parts.method) {
            csrf::check_origin(&parts.headers, &state.access_url)?;
            csrf::check_token(&parts.headers, None)?;
        }
        Ok(Self::of(caller, source))
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
        let (caller, source) = authenticate(parts, state).await?;
        let session = Session::of(caller, source);
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

/// Stored with the request, so that every extractor of it authenticates once.
#[derive(Clone)]
struct Authenticated(Caller, TokenSource);

async fn authenticate(
    parts: &mut Parts,
    state: &AppState,
) -> Result<(Caller, TokenSource), ApiError> {
    if let Some(Authenticated(caller, source)) = parts.extensions.get::<Authenticated>() {
        return Ok((caller.clone(), *source));
    }
    let (token, source) = find_token(&parts.headers, &parts.uri).ok_or_else(|| {
        ApiError::signed_out(
            "Cookie \"coder_session_token\" or query parameter must be provided.",
            Challenge::InvalidToken,
        )
    })?;
    let facts = RequestFacts::of(parts).plain();
    let guest = Guest::new(state.services.clone(), facts);
    let caller = chancery_operations::authenticate::authenticate(&guest, &token).await?;
    let authenticated = Authenticated(caller.clone(), source);
    parts.extensions.insert(authenticated);
    Ok((caller, source))
}

/// One who is signed in, and in whose name this request may be made. An extractor; `Option<SignedIn>` lets others through.
#[derive(Clone)]
pub struct SignedIn(pub Caller);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let (caller, source) = authenticate(parts, state).await?;
        if source == TokenSource::Cookie && changes_state(&parts.method) {
            csrf::check_origin(&parts.headers, &state.access_url)?;
            csrf::check_token(&parts.headers, None)?;
        }
        Ok(Self(caller))
    }
}
