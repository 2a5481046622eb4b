//! `PUT /api/v2/users/{user}/status/suspend` and `…/activate`.

use axum::extract::{Path, State};
use chancery_aggregates::user::Command;

use super::{PathUser, UserModel, changed};
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, Resource};

/// Suspends a user: every session and token of the user is refused from now on.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/status/suspend",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The user.", body = UserModel),
        (status = 400, description = "The user is the caller, or an owner.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not suspend users.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn suspend_user(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
) -> Result<Json<UserModel>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Update, Resource::User(user_id))?;
    if user_id == session.user_id() {
        return Err(ApiError::bad_request("You cannot suspend yourself."));
    }
    changed::change(
        &state,
        &session,
        &facts,
        &permit,
        user_id,
        Command::SuspendUser,
    )
    .await?;
    Ok(Json(changed::read(&state, user_id).await?))
}

/// Makes a suspended or dormant user active. Its sessions and tokens that have not expired are good again.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/status/activate",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The user.", body = UserModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not activate users.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn activate_user(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
) -> Result<Json<UserModel>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Update, Resource::User(user_id))?;
    changed::change(
        &state,
        &session,
        &facts,
        &permit,
        user_id,
        Command::ActivateUser,
    )
    .await?;
    Ok(Json(changed::read(&state, user_id).await?))
}
