//! `GET /api/v2/users/{user}/login-type`.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

/// How a user signs in.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserLoginType {
    /// `password`, `github`, `oidc` or `none`.
    login_type: String,
}

/// How a user signs in. For the user itself, owners and user admins.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/login-type",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The login type.", body = UserLoginType),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not know.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_login_type(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<UserLoginType>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    let _ = session.decide(Action::Read, Resource::PersonalData { user_id: user.id })?;
    Ok(Json(UserLoginType {
        login_type: user.login_type,
    }))
}
