//! `GET /api/v2/users/{user}/keys/{keyid}` and `GET /api/v2/users/{user}/keys/tokens/{name}`.

use axum::extract::{Path, State};
use chancery_projections::api_key;

use super::ApiKeyModel;
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

/// A key, by its id.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/{keyid}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyid" = String, Path, description = "The ten characters before the dash of the key"),
    ),
    responses(
        (status = 200, description = "The answer.", body = ApiKeyModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token of the request does not suffice.", body = ErrorBody),
        (status = 404, description = "No such user or key, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_key(
    State(state): State<AppState>,
    session: Session,
    Path((user, keyid)): Path<(String, String)>,
) -> Result<Json<ApiKeyModel>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let _ = session.decide(Action::Read, Resource::ApiKey { user_id })?;
    let key = api_key::find(state.projections.pool(), user_id, &keyid).await?;
    Ok(Json(key.ok_or_else(ApiError::not_found)?.into()))
}

/// A token, by its name.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/{keyname}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyname" = String, Path, description = "The token's name"),
    ),
    responses(
        (status = 200, description = "The answer.", body = ApiKeyModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token of the request does not suffice.", body = ErrorBody),
        (status = 404, description = "No such user or key, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_token_by_name(
    State(state): State<AppState>,
    session: Session,
    Path((user, keyname)): Path<(String, String)>,
) -> Result<Json<ApiKeyModel>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let _ = session.decide(Action::Read, Resource::ApiKey { user_id })?;
    let key = api_key::find_by_name(state.projections.pool(), user_id, &keyname).await?;
    Ok(Json(key.ok_or_else(ApiError::not_found)?.into()))
}
