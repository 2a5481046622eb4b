//! `DELETE /api/v2/users/{user}/keys/{keyid}`.

use axum::http::StatusCode;
use chancery_operations::api_key;

use super::path::KeyId;
use crate::http::base::{ApiError, SignedIn, WriteRefusal};
use crate::http::user::UserPath;

/// Deletes a key: it is refused from now on.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}/keys/{keyid}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyid" = String, Path, description = "The ten characters before the dash of the key"),
    ),
    responses(
        (status = 204, description = "The key is deleted."),
        WriteRefusal,
    )
)]
pub async fn delete_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyId(id): KeyId,
) -> Result<StatusCode, ApiError> {
    api_key::delete(&caller, &user, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
