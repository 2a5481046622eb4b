//! API keys: sessions and tokens (docs/contract/core.md 3.5).

mod list;
mod model;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_operations::api_key::{self, NewToken};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::path::segment_of;
use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};
use super::user::UserPath;
use model::{ApiKeyModel, GenerateApiKeyResponse, TokenConfig};

/// The routes under `/api/v2/users/{user}/keys`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_key))
        .routes(routes!(create_token, list::list_tokens))
        .routes(routes!(get_token_config))
        .routes(routes!(get_token_by_name))
        .routes(routes!(get_key, delete_key))
}

/// What the path calls a key of the user by: its id or its name. An extractor.
struct KeyPath(String);

impl FromRequestParts<AppState> for KeyPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = segment_of(parts, state, &["keyid", "keyname"]).await;
        text.map(Self)
    }
}

/// Makes a key that behaves like a signed-in session. Only a session that began with signing in may.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses((status = 201, description = "The new key.", body = GenerateApiKeyResponse), WriteRefusal)
)]
async fn create_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<(StatusCode, Json<GenerateApiKeyResponse>), ApiError> {
    let key = api_key::create_session(&caller, &user).await?;
    Ok((StatusCode::CREATED, Json(GenerateApiKeyResponse { key })))
}

/// Makes an API token.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys/tokens",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = NewToken,
    responses((status = 201, description = "The new key.", body = GenerateApiKeyResponse), WriteRefusal)
)]
async fn create_token(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Json(request): Json<NewToken>,
) -> Result<(StatusCode, Json<GenerateApiKeyResponse>), ApiError> {
    let key = api_key::create_token(&caller, &user, request).await?;
    Ok((StatusCode::CREATED, Json(GenerateApiKeyResponse { key })))
}

/// What new tokens may ask for.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/tokenconfig",
    tag = "General",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses((status = 200, description = "The answer.", body = TokenConfig), ReadRefusal)
)]
async fn get_token_config(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<TokenConfig>, ApiError> {
    Ok(Json(api_key::longest_lifetime(&caller, &user)?.into()))
}

/// A token, by its name.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/{keyname}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyname" = String, Path, description = "The token's name"),
    ),
    responses((status = 200, description = "The answer.", body = ApiKeyModel), ReadRefusal)
)]
async fn get_token_by_name(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyPath(name): KeyPath,
) -> Result<Json<ApiKeyModel>, ApiError> {
    let token = api_key::find_by_name(&caller, &user, &name).await?;
    Ok(Json(token.into()))
}

/// A key, by its id.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/{keyid}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyid" = String, Path, description = "The ten characters before the dash of the key"),
    ),
    responses((status = 200, description = "The answer.", body = ApiKeyModel), ReadRefusal)
)]
async fn get_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyPath(id): KeyPath,
) -> Result<Json<ApiKeyModel>, ApiError> {
    Ok(Json(api_key::find(&caller, &user, &id).await?.into()))
}

/// Deletes a key: it is refused from now on.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}/keys/{keyid}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyid" = String, Path, description = "The ten characters before the dash of the key"),
    ),
    responses((status = 204, description = "The key is deleted."), WriteRefusal)
)]
async fn delete_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyPath(id): KeyPath,
) -> Result<StatusCode, ApiError> {
    api_key::delete(&caller, &user, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
