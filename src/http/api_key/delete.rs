//! `DELETE /api/v2/users/{user}/keys/{keyid}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::api_key::{ApiKey, Command, DeletionReason, Error};
use chancery_projections::{ProjectionName, api_key};

use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, RequestFacts, Session};
use crate::policy::{Action, Resource};

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
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token of the request does not suffice.", body = ErrorBody),
        (status = 404, description = "No such user or key, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn delete_key(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path((user, keyid)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Delete, Resource::ApiKey { user_id })?;
    let key = api_key::find(state.projections.pool(), user_id, &keyid)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let reason = DeletionReason::Deleted;
    let deleted = state
        .commands(&permit)
        .execute::<ApiKey>(
            &key.id,
            Command::DeleteApiKey { reason },
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| {
            ApiError::of_execute(error, |refused| match refused {
                Error::NotFound => ApiError::not_found(),
                refused => ApiError::internal(&refused),
            })
        })?;
    state
        .wait_for(ProjectionName::API_KEY, deleted.position)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
