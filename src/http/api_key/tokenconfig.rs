//! `GET /api/v2/users/{user}/keys/tokens/tokenconfig`.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

/// What tokens may ask for.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenConfig {
    /// The longest lifetime, in nanoseconds.
    max_token_lifetime: i64,
}

/// What new tokens may ask for.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/tokenconfig",
    tag = "General",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The answer.", body = TokenConfig),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token of the request does not suffice.", body = ErrorBody),
        (status = 404, description = "No such user or key, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_token_config(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<TokenConfig>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let _ = session.decide(Action::Read, Resource::ApiKey { user_id })?;
    let max = state.lifetimes().api_token_max.as_nanos();
    Ok(Json(TokenConfig {
        max_token_lifetime: i64::try_from(max).unwrap_or(i64::MAX),
    }))
}
