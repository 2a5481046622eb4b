//! `GET /api/v2/users/{user}`.

use super::model::UserModel;
use super::path::UserPath;
use crate::http::base::{ApiError, Json, ReadRefusal};

/// A user, by id, user name or `me`.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}",
    responses(
        (status = 200, description = "The user.", body = UserModel),
        ReadRefusal,
    )
)]
pub async fn get_user(UserPath(user): UserPath) -> Result<Json<UserModel>, ApiError> {
    Ok(Json(user.into()))
}
