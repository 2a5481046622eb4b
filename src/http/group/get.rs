//! `GET /api/v2/groups/{group}` and `GET /api/v2/organizations/{organization}/groups/{groupName}`.

use axum::extract::{Path, State};
use chancery_ledger::Position;
use chancery_projections::group::{self, GroupRef};
use uuid::Uuid;

use super::model::GroupModel;
use super::path::{PathGroup, past};
use crate::http::as_of::{AsOfPosition, Past};
use crate::http::organization::PathOrganization;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};

/// A group, by its id. One who may not see all its members sees himself alone, and their number.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(
        ("group" = uuid::Uuid, Path, description = "Group id"),
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, description = "The group.", body = GroupModel),
        (status = 400, description = "The id is not a UUID, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such group, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_group(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path(group): Path<String>,
) -> Result<Json<GroupModel>, ApiError> {
    if let Some(until) = as_of {
        let (past, id) = past_of(&state, &group, until).await?;
        return past_group(&past, &session, GroupRef::Id(id)).await;
    }
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
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, description = "The group.", body = GroupModel),
        (status = 400, description = "The path cannot be read, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization or group, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_group_by_name(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path((organization, name)): Path<(String, String)>,
) -> Result<Json<GroupModel>, ApiError> {
    let organization = PathOrganization::find(&state, &session, &organization).await?;
    let reference = GroupRef::Name(organization.id, &name);
    if let Some(until) = as_of {
        let past = past(&state, Some(organization.id), until).await?;
        return past_group(&past, &session, reference).await;
    }
    let group = PathGroup::find(&state, &session, reference).await?;
    Ok(Json(group.model(&state, &session).await?))
}

/// The tables of the past with the group of this id, and the id.
pub async fn past_of(
    state: &AppState,
    group: &str,
    until: Position,
) -> Result<(Past, Uuid), ApiError> {
    let id = Uuid::try_parse(group).map_err(|_| ApiError::invalid_uuid(group))?;
    let organization_id = group::organization_of(&state.ledger.reader(), id, until)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok((past(state, Some(organization_id), until).await?, id))
}

async fn past_group(
    past: &Past,
    session: &Session,
    reference: GroupRef<'_>,
) -> Result<Json<GroupModel>, ApiError> {
    let group = PathGroup::find_in(past.pool(), session, reference).await?;
    Ok(Json(group.model_in(past.pool(), session).await?))
}
