//! `GET /api/v2/users/{user}`.

use axum::extract::{Path, State};

use super::{PathUser, UserModel};
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

/// A user, by id, user name or `me`.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, body = UserModel),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
    )
)]
pub async fn get_user(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<UserModel>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    let _ = session.decide(Action::Read, Resource::User(user.id))?;
    Ok(Json(user.into()))
}
