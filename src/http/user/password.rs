//! `PUT /api/v2/users/{user}/password`.

use axum::http::StatusCode;
use chancery_operations::secret::Secret;
use chancery_operations::user;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::UserPath;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, ErrorBody, Json, SignedIn, WriteRefusal};

/// The new password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateUserPasswordRequest {
    /// The present password: asked of a user who changes its own.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = String, format = Password)]
    old_password: Secret,
    /// The new one: 8 characters or more, and not easily guessed.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required = true, value_type = String, format = Password)]
    password: Secret,
}

/// Replaces the password. Every key and token of the user ends, that of this request among them. For the user itself and owners.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/password",
    responses(
        (status = 204, description = "The password is replaced."),
        (status = 429, description = "Too many attempts with a wrong old password.", body = ErrorBody),
        WriteRefusal,
    )
)]
pub async fn update_password(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Json(request): Json<UpdateUserPasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let (old, new) = (request.old_password, request.password);
    user::change_password(&caller, &user, old, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
