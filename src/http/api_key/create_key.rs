//! `POST /api/v2/users/{user}/keys`.

use axum::http::StatusCode;
use chancery_operations::api_key;

use super::model::GenerateApiKeyResponse;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};
use crate::http::user::UserPath;

/// Makes a key that behaves like a signed-in session. Only a session that began with signing in may.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 201, description = "The new key.", body = GenerateApiKeyResponse),
        WriteRefusal,
    )
)]
pub async fn create_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<(StatusCode, Json<GenerateApiKeyResponse>), ApiError> {
    let key = api_key::create_session(&caller, &user).await?;
    Ok((StatusCode::CREATED, Json(GenerateApiKeyResponse { key })))
}
