//! `/oauth2/clients/{client_id}` (RFC 7592; docs/contract/oauth2.md section 11.2).

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_operations::oauth2_app::{self, ManagedClient};

use super::super::error::{OAuth2ErrorBody, uncached};
use super::error::{ManagementRefusal, RegistrationError};
use super::model::{ClientInformation, ClientMetadataModel};
use super::read_metadata;
use crate::http::base::path::segment;
use crate::http::base::signed_in::guest;
use crate::http::base::{AppState, Json};

/// The client that the path names, which has shown its registration access token. An extractor.
pub struct Managed(ManagedClient);

impl FromRequestParts<AppState> for Managed {
    type Rejection = RegistrationError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, RegistrationError> {
        let id = segment(parts, state, "client_id").await?;
        let id = id
            .parse::<OAuth2AppId>()
            .map_err(|_| RegistrationError::ClientId)?;
        let token = access_token(parts)?.to_owned();
        let client = oauth2_app::manage(guest(parts, state), id, &token).await?;
        Ok(Self(client?))
    }
}

fn access_token(parts: &Parts) -> Result<&str, RegistrationError> {
    let value = parts.headers.get(header::AUTHORIZATION);
    let value = value.ok_or(RegistrationError::NoHeader)?;
    let text = value.to_str().map_err(|_| RegistrationError::NotBearer)?;
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(RegistrationError::NotBearer);
    }
    Some(token.trim())
        .filter(|token| !token.is_empty())
        .ok_or(RegistrationError::NoToken)
}

/// Shows a client to itself, without its secrets.
#[utoipa::path(
    get,
    path = "/oauth2/clients/{client_id}",
    operation_id = "get_oauth2_client",
    params(("client_id" = Uuid, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "The client.", body = ClientInformation),
        (status = 400, description = "The id is none.", body = OAuth2ErrorBody),
        ManagementRefusal,
    ),
    security(("bearer" = [])),
)]
pub async fn show(State(state): State<AppState>, Managed(client): Managed) -> Response {
    let information = ClientInformation::of_managed(&client, &state.access_url);
    uncached(Json(information))
}

/// Replaces what is registered of a client. It stays public or confidential.
#[utoipa::path(
    put,
    path = "/oauth2/clients/{client_id}",
    operation_id = "update_oauth2_client",
    params(("client_id" = Uuid, Path, description = "The client's id.")),
    request_body = ClientMetadataModel,
    responses(
        (status = 200, description = "The client.", body = ClientInformation),
        (status = 400, description = "What the client says of itself is refused.", body = OAuth2ErrorBody),
        (status = 413, description = "The body is larger than 1 MiB.", body = OAuth2ErrorBody),
        ManagementRefusal,
    ),
    security(("bearer" = [])),
)]
pub async fn update(
    State(state): State<AppState>,
    Managed(client): Managed,
    request: Request,
) -> Result<Response, RegistrationError> {
    let metadata = read_metadata(request, &state).await?;
    let client = client.change(metadata).await?;
    let information = ClientInformation::of_managed(&client, &state.access_url);
    Ok(uncached(Json(information)))
}

/// Ends a registration, with the client's secrets, codes and tokens.
#[utoipa::path(
    delete,
    path = "/oauth2/clients/{client_id}",
    operation_id = "delete_oauth2_client",
    params(("client_id" = Uuid, Path, description = "The client's id.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 400, description = "The id is none.", body = OAuth2ErrorBody),
        ManagementRefusal,
    ),
    security(("bearer" = [])),
)]
pub async fn delete(Managed(client): Managed) -> Result<StatusCode, RegistrationError> {
    client.delete().await?;
    Ok(StatusCode::NO_CONTENT)
}
