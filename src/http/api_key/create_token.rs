//! `POST /api/v2/users/{user}/keys/tokens`.

use axum::http::StatusCode;
use chancery_operations::api_key::{self, NewToken};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::GenerateApiKeyResponse;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};
use crate::http::user::UserPath;

/// The token to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct CreateTokenRequest {
    /// How long it lives, in nanoseconds; 0 for 30 days.
    #[serde(default, deserialize_with = "null_as_default")]
    lifetime: i64,
    /// `all` (the default) or `application_connect`.
    #[serde(default, deserialize_with = "null_as_default")]
    scope: String,
    /// A name, unique among the user's tokens; empty for a random one.
    #[serde(default, deserialize_with = "null_as_default")]
    token_name: String,
}

/// Makes an API token.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys/tokens",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = CreateTokenRequest,
    responses(
        (status = 201, description = "The new key.", body = GenerateApiKeyResponse),
        WriteRefusal,
    )
)]
pub async fn create_token(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Json(request): Json<CreateTokenRequest>,
) -> Result<(StatusCode, Json<GenerateApiKeyResponse>), ApiError> {
    let token = NewToken {
        lifetime: request.lifetime,
        scope: request.scope,
        token_name: request.token_name,
    };
    let key = api_key::create_token(&caller, &user, token).await?;
    Ok((StatusCode::CREATED, Json(GenerateApiKeyResponse { key })))
}
