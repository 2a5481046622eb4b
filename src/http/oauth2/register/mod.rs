//! Clients register themselves, and manage their registrations (RFC 7591, RFC 7592; docs/contract/oauth2.md section 11).

mod error;
pub mod manage;
mod model;

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chancery_aggregates::oauth2::client_metadata::PresentedMetadata;
use chancery_operations::oauth2_app;
use serde_json::Value;

use super::error::{OAuth2ErrorBody, uncached};
use crate::http::base::signed_in::guest;
use crate::http::base::{AppState, Json};
use error::RegistrationError;
use model::{ClientInformation, ClientMetadataModel};

/// Registers a client. Anybody may, where the setting allows it.
#[utoipa::path(
    post,
    path = "/oauth2/register",
    operation_id = "register_oauth2_client",
    request_body = ClientMetadataModel,
    responses(
        (status = 201, description = "The client. Its secrets are shown this once.", body = ClientInformation),
        (status = 400, description = "What the client says of itself is refused.", body = OAuth2ErrorBody),
        (status = 403, description = "Nobody may register.", body = OAuth2ErrorBody),
        (status = 413, description = "The body is larger than 1 MiB.", body = OAuth2ErrorBody),
        (status = 429, description = "Too many requests.", body = OAuth2ErrorBody),
        (status = 503, description = "The server cannot answer now.", body = OAuth2ErrorBody),
    ),
    security(()),
)]
pub async fn register(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, RegistrationError> {
    let (parts, body) = request.into_parts();
    let guest = guest(&parts, &state);
    let metadata = read_metadata(Request::from_parts(parts, body), &state).await?;
    let registered = oauth2_app::register(&guest, metadata).await?;
    let information = ClientInformation::of_new(registered, &state.access_url);
    Ok(uncached((StatusCode::CREATED, Json(information))).into_response())
}

/// The metadata in a body. What is JSON, and not of the right shape, is the metadata's fault.
async fn read_metadata(
    request: Request,
    state: &AppState,
) -> Result<PresentedMetadata, RegistrationError> {
    let Json(body): Json<Value> = Json::from_request(request, state).await?;
    serde_json::from_value(body).map_err(RegistrationError::Shape)
}
