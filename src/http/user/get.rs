//! `GET /api/v2/users/{user}`.

use axum::extract::{Path, State};

use super::{PathUser, UserModel};
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};

/// A user, by id, user name or `me`.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The user.", body = UserModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_user(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<UserModel>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    Ok(Json(user.into()))
}
