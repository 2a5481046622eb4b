//! `DELETE /api/v2/groups/{group}`.

use axum::extract::{Path, State};
use chancery_aggregates::group::{Command, Error, Group};
use chancery_projections::ProjectionName;

use super::path::PathGroup;
use crate::http::user::logout::Message;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::Action;

/// Deletes a group. Its members stay in the organization.
#[utoipa::path(
    delete,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = uuid::Uuid, Path, description = "Group id")),
    responses(
        (status = 200, description = "The group is deleted.", body = Message),
        (status = 400, description = "The id is not a UUID, or it is the group of everyone.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not delete this group.", body = ErrorBody),
        (status = 404, description = "No such group, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "It is being changed by other requests.", body = ErrorBody),
    )
)]
pub async fn delete_group(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(group): Path<String>,
) -> Result<Json<Message>, ApiError> {
    let found = PathGroup::by_id(&state, &session, &group).await?;
    let permit = found.permit(&session, Action::Delete)?;
    let deleted = state
        .commands(&permit)
        .execute::<Group>(
            &found.group.id.to_string(),
            Command::DeleteGroup,
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| {
            ApiError::of_execute(error, |refused| match refused {
                Error::NotFound => ApiError::not_found(),
                Error::EveryoneNotDeletable => ApiError::bad_request(refused.to_string()),
                refused => ApiError::internal(&refused),
            })
        })?;
    state
        .wait_for(ProjectionName::ORGANIZATION, deleted.position)
        .await?;
    Ok(Json(Message::new("Successfully deleted group!")))
}
