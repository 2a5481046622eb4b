//! `DELETE /oauth2/tokens`: a user takes back what was granted to an app (oauth2.md section 7.6).

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chancery_aggregates::oauth2_grant::{Command, OAuth2Grant, RevocationReason};
use chancery_ledger::AppendError;
use chancery_projections::ProjectionName;
use chancery_projections::oauth2_grant::{Grant, list_live};
use chrono::{DateTime, Utc};

use crate::http::{ApiError, AppState, ErrorBody, RequestFacts, Session};
use crate::policy::{Action, Resource};

use super::client;
use super::client_authentication::client_id_of_query;
use super::error::{OAuth2Error, OAuth2ErrorBody, OAuth2OrSessionError};
use super::parameters::Parameters;

/// How often a unit that loses to concurrent exchanges or refreshes is decided again.
const ATTEMPTS: usize = 5;

/// An error of the client's look-up, or of the user's session and command.
enum RevokeError {
    OAuth2(OAuth2Error),
    Api(ApiError),
}

impl From<OAuth2Error> for RevokeError {
    fn from(error: OAuth2Error) -> Self {
        RevokeError::OAuth2(error)
    }
}

impl From<ApiError> for RevokeError {
    fn from(error: ApiError) -> Self {
        RevokeError::Api(error)
    }
}

impl IntoResponse for RevokeError {
    fn into_response(self) -> Response {
        match self {
            RevokeError::OAuth2(error) => error.into_response(),
            RevokeError::Api(error) => error.into_response(),
        }
    }
}

/// Ends the caller's codes and tokens of an app. Nothing to end is no error.
#[utoipa::path(
    delete,
    path = "/oauth2/tokens",
    operation_id = "delete_oauth2_tokens",
    tag = "OAuth2",
    params(("client_id" = uuid::Uuid, Query, description = "The app's id.")),
    responses(
        (status = 204, description = "They no longer work."),
        (status = 400, description = "`client_id` is missing.", body = OAuth2ErrorBody),
        (status = 401, description = "The client is unknown, or nobody is signed in.", body = OAuth2OrSessionError),
        (status = 403, description = "The CSRF proof is missing, or the access token is for another resource.", body = ErrorBody),
        (status = 429, description = "Too many requests.", body = OAuth2ErrorBody),
        (status = 503, description = "The server cannot answer now.", body = OAuth2OrSessionError),
    ),
)]
pub async fn delete(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match revoke(&state, &mut parts).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}

async fn revoke(state: &AppState, parts: &mut Parts) -> Result<(), RevokeError> {
    let query = Parameters::from_query(parts.uri.query()).map_err(OAuth2Error::from)?;
    let client_id = client_id_of_query(&query).map_err(OAuth2Error::from)?;
    let client = client::find(state, client_id).await?;
    let session = <Session as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
    let user_id = session.user_id();
    let permit = session.decide(Action::Delete, Resource::OAuth2Grant { user_id })?;
    let facts = RequestFacts::of(parts);
    let actor = session.actor();
    // The list must show every code that was issued before this request.
    state
        .wait_for(ProjectionName::OAUTH2_GRANT, state.ledger_head())
        .await?;
    for _ in 0..ATTEMPTS {
        let context = facts.command(state, &actor);
        let grants = list_live(state.projections.pool(), user_id, client.app.id)
            .await
            .map_err(ApiError::from)?;
        let mut unit = state.commands(&permit).unit_of_work(&context);
        for grant in grants.iter().filter(|grant| is_usable(grant, context.now)) {
            let command = Command::Revoke {
                reason: RevocationReason::UserRequest,
            };
            unit.execute::<OAuth2Grant>(&grant.id, command)
                .await
                .map_err(|error| {
                    ApiError::of_execute(error, |refused| ApiError::internal(&refused))
                })?;
        }
        match unit.commit().await {
            Ok(position) => {
                return Ok(state
                    .wait_for(ProjectionName::OAUTH2_GRANT, position)
                    .await?);
            }
            Err(AppendError::Conflict) => {}
            Err(error) => return Err(ApiError::of_append(&error).into()),
        }
    }
    Err(ApiError::of_append(&AppendError::Conflict).into())
}

/// Whether the grant's code or tokens may still be used at `now`; what has expired needs no event.
fn is_usable(grant: &Grant, now: DateTime<Utc>) -> bool {
    [
        Some(grant.code_expires_at),
        grant.access_token_expires_at,
        grant.refresh_token_expires_at,
    ]
    .into_iter()
    .flatten()
    .any(|end| end > now)
}
