//! `POST /api/v2/users/logout`.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chancery_aggregates::api_key::{ApiKey, Command, DeletionReason, Error};
use chancery_ledger::ExecuteError;
use chancery_projections::ProjectionName;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, cookie};
use crate::policy::{Action, Resource};

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Response)]
pub struct Message {
    /// The text.
    message: &'static str,
}

impl Message {
    /// Says `message`.
    pub fn new(message: &'static str) -> Self {
        Self { message }
    }
}

/// Signs out: the key of this request is deleted.
#[utoipa::path(
    post,
    path = "/api/v2/users/logout",
    tag = "Users",
    responses((status = 200, body = Message), (status = 401, body = ErrorBody))
)]
pub async fn log_out(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
) -> Result<Response, ApiError> {
    sign_out(&state, &session, &facts).await?;
    let mut response = Json(Message::new("Logged out!")).into_response();
    if let Some(cookie) = cookie::clear_session(state.secure_cookies()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Deletes the session's key. One that is gone already is as good as deleted.
pub async fn sign_out(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
) -> Result<(), ApiError> {
    let user_id = session.user_id();
    let permit = session.decide(Action::Delete, Resource::ApiKey { user_id })?;
    if session.credential.oauth2.is_some() {
        return Err(ApiError::forbidden());
    }
    let reason = DeletionReason::Logout;
    let deleted = state
        .commands(&permit)
        .execute::<ApiKey>(
            &session.credential.key_id,
            Command::DeleteApiKey { reason },
            &facts.command(state, &session.actor()),
        )
        .await;
    match deleted {
        Ok(deleted) => {
            state
                .wait_for(ProjectionName::API_KEY, deleted.position)
                .await
        }
        Err(ExecuteError::Refused(Error::NotFound)) => Ok(()),
        Err(error) => Err(ApiError::of_execute(error, |refused| {
            ApiError::internal(&refused)
        })),
    }
}
