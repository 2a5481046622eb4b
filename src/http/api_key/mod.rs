//! API keys: sessions and tokens (docs/contract/core.md 3.5).

mod model;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_operations::api_key::{self, KeyName, NewToken};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::path::segment_of;
use super::base::{ApiError, AppState, Json, Query, ReadRefusal, SignedIn, WriteRefusal};
use super::openapi;
use super::user::UserPath;
use model::{ApiKeyModel, GenerateApiKeyResponse, NamedTokenModel, TokenConfig};

/// The routes under `/api/v2/users/{user}/keys`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_key))
        .routes(routes!(create_token, list_tokens))
        .routes(routes!(get_token_config))
        .routes(routes!(get_key, delete_key))
        .routes(openapi::at(
            "/api/v2/users/{user}/keys/tokens/{keyname}",
            "get_token_by_name",
            "A token, by its name.",
            routes!(get_key),
        ))
}

/// What the path calls a key of the user by: its id or its name. An extractor.
struct KeyPath(KeyName);

impl FromRequestParts<AppState> for KeyPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(
            match segment_of(parts, state, &["keyid", "keyname"]).await? {
                ("keyid", id) => KeyName::Id(id),
                (_, name) => KeyName::Token(name),
            },
        ))
    }
}

/// Makes a key that behaves like a signed-in session. Only a session that began with signing in may.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys",
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

/// Whose tokens are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// `true` for everyone's: for owners.
    #[param(value_type = Option<bool>)]
    include_all: bool,
}

/// A user's API tokens, oldest first; expired ones are among them.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens",
    params(Parameters),
    responses((status = 200, description = "The tokens.", body = Vec<NamedTokenModel>), ReadRefusal)
)]
async fn list_tokens(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<NamedTokenModel>>, ApiError> {
    let every = parameters.include_all;
    let tokens = api_key::list_tokens(&caller, &user, every).await?;
    let models = tokens.into_iter().map(|(key, username)| NamedTokenModel {
        key: key.into(),
        username,
    });
    Ok(Json(models.collect()))
}

/// What new tokens may ask for.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/tokenconfig",
    tag = "General",
    responses((status = 200, description = "The answer.", body = TokenConfig), ReadRefusal)
)]
async fn get_token_config(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<TokenConfig>, ApiError> {
    Ok(Json(api_key::longest_lifetime(&caller, &user)?.into()))
}

/// A key, by its id.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/{keyid}",
    responses((status = 200, description = "The answer.", body = ApiKeyModel), ReadRefusal)
)]
async fn get_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyPath(key): KeyPath,
) -> Result<Json<ApiKeyModel>, ApiError> {
    Ok(Json(api_key::find(&caller, &user, &key).await?.into()))
}

/// Deletes a key: it is refused from now on.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}/keys/{keyid}",
    responses((status = 204, description = "The key is deleted."), WriteRefusal)
)]
async fn delete_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyPath(key): KeyPath,
) -> Result<StatusCode, ApiError> {
    api_key::delete(&caller, &user, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
