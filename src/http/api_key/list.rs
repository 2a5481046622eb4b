//! `GET /api/v2/users/{user}/keys/tokens`.

use axum::extract::{Path, State};
use chancery_aggregates::api_key::Origin;
use chancery_projections::api_key;

use super::ApiKeyModel;
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

/// A user's API tokens, oldest first.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, body = Vec<ApiKeyModel>),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
    )
)]
pub async fn list_tokens(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<Vec<ApiKeyModel>>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let _ = session.decide(Action::Read, Resource::ApiKey { user_id })?;
    let keys = api_key::list(state.projections.pool(), user_id).await?;
    let tokens = keys
        .into_iter()
        .filter(|key| key.origin == Origin::Token.as_str());
    Ok(Json(tokens.map(ApiKeyModel::from).collect()))
}
