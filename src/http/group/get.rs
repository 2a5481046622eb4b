//! `GET /api/v2/groups/{group}` and `GET /api/v2/organizations/{organization}/groups/{groupName}`.

use axum::extract::{Path, State};
use chancery_projections::group::GroupRef;

use super::model::GroupModel;
use super::path::PathGroup;
use crate::http::organization::PathOrganization;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};

/// A group, by its id. One who may not see all its members sees himself alone, and their number.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = uuid::Uuid, Path, description = "Group id")),
    responses(
        (status = 200, description = "The group.", body = GroupModel),
        (status = 400, description = "The id is not a UUID.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such group, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_group(
    State(state): State<AppState>,
    session: Session,
    Path(group): Path<String>,
) -> Result<Json<GroupModel>, ApiError> {
    let group = PathGroup::by_id(&state, &session, &group).await?;
    Ok(Json(group.model(&state, &session).await?))
}

/// A group, by its name in an organization.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/groups/{groupName}",
    tag = "Enterprise",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("groupName" = String, Path, description = "Group name"),
    ),
    responses(
        (status = 200, description = "The group.", body = GroupModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization or group, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_group_by_name(
    State(state): State<AppState>,
    session: Session,
    Path((organization, name)): Path<(String, String)>,
) -> Result<Json<GroupModel>, ApiError> {
    let organization = PathOrganization::find(&state, &session, &organization).await?;
    let reference = GroupRef::Name(organization.id, &name);
    let group = PathGroup::find(&state, &session, reference).await?;
    Ok(Json(group.model(&state, &session).await?))
}
