//! `DELETE /oauth2/tokens`: a user takes back what was granted to an app (docs/contract/oauth2.md section 7.6).

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chancery_operations::{Failure, oauth2_grant};

use super::client;
use super::client_authentication::client_id_of_query;
use super::error::{OAuth2Error, OAuth2ErrorBody, OAuth2OrSessionError};
use super::parameters::Parameters;
use crate::http::base::{ApiError, AppState, ErrorBody, SignedIn};

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

impl From<Failure> for RevokeError {
    fn from(failure: Failure) -> Self {
        RevokeError::Api(failure.into())
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
    let client = client::find(&state.services, client_id).await?;
    let SignedIn(caller) =
        <SignedIn as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
    Ok(oauth2_grant::revoke_all(&caller, &client).await?)
}
