//! `GET /api/v2/groups/{group}/members` and `GET /api/v2/organizations/{organization}/groups/{groupName}/members`.

use axum::extract::{Path, State};
use chancery_projections::group::{self, GroupRef};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::{IntoParams, ToSchema};

use super::get::past_of;
use super::model::ReducedUser;
use super::path::{PathGroup, past};
use crate::http::as_of::AsOfPosition;
use crate::http::organization::PathOrganization;
use crate::http::pagination::Pagination;
use crate::http::{ApiError, AppState, ErrorBody, Json, Query, Session};

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// At most so many members; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    /// Leaving out so many.
    #[param(value_type = Option<i64>)]
    offset: Option<String>,
    /// As they were at this position of the record, or time as in RFC 3339.
    #[serde(skip)]
    #[param(value_type = Option<String>)]
    #[allow(dead_code, reason = "described here, read by its own extractor")]
    as_of: (),
}

/// A page of the members of a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupMembersResponse)]
pub struct Members {
    /// The members, by user name.
    users: Vec<ReducedUser>,
    /// How many there are in all that the caller may see.
    count: i64,
}

/// A page of the members of a group, by user name. One who may not see all members sees himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}/members",
    tag = "Enterprise",
    params(("group" = uuid::Uuid, Path, description = "Group id"), Parameters),
    responses(
        (status = 200, description = "The members.", body = Members),
        (status = 400, description = "The id is not a UUID, a parameter is invalid, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such group, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_group_members(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path(group): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    let page = parameters.page()?;
    if let Some(until) = as_of {
        let (past, id) = past_of(&state, &group, until).await?;
        return answer(past.pool(), &session, GroupRef::Id(id), page).await;
    }
    let id = uuid::Uuid::try_parse(&group).map_err(|_| ApiError::invalid_uuid(&group))?;
    answer(state.projections.pool(), &session, GroupRef::Id(id), page).await
}

/// A page of the members of a group that is named in its organization, by user name. One who may not see all members sees
/// himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/groups/{groupName}/members",
    tag = "Enterprise",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("groupName" = String, Path, description = "Group name"),
        Parameters,
    ),
    responses(
        (status = 200, description = "The members.", body = Members),
        (status = 400, description = "A parameter is invalid, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization or group, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_group_members_by_name(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path((organization, name)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    let organization = PathOrganization::find(&state, &session, &organization).await?;
    let page = parameters.page()?;
    let reference = GroupRef::Name(organization.id, &name);
    if let Some(until) = as_of {
        let past = past(&state, Some(organization.id), until).await?;
        return answer(past.pool(), &session, reference, page).await;
    }
    answer(state.projections.pool(), &session, reference, page).await
}

impl Parameters {
    fn page(&self) -> Result<Pagination, ApiError> {
        Pagination::parse(self.limit.as_deref(), self.offset.as_deref(), None)
    }
}

async fn answer(
    pool: &PgPool,
    session: &Session,
    reference: GroupRef<'_>,
    page: Pagination,
) -> Result<Json<Members>, ApiError> {
    let group = PathGroup::find_in(pool, session, reference).await?.group;
    let (members, count) = if session.subject().reads_groups_of(group.organization_id) {
        let mut members =
            group::members(pool, &[group.id], page.limit_or_all(), page.offset).await?;
        (
            members.remove(&group.id).unwrap_or_default(),
            group.member_count,
        )
    } else {
        let own = group::member(pool, &[group.id], session.user_id()).await?;
        let members: Vec<_> = own.into_values().collect();
        let count = i64::from(!members.is_empty());
        let rest = if page.offset > 0 { Vec::new() } else { members };
        (rest, count)
    };
    Ok(Json(Members {
        users: members.into_iter().map(ReducedUser::from).collect(),
        count,
    }))
}
