//! `GET /api/v2/groups/{group}/members` and `GET /api/v2/organizations/{organization}/groups/{groupName}/members`.

use chancery_operations::Caller;
use chancery_operations::group::{self, GroupFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ReducedUser;
use super::path::{GroupById, GroupByName};
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::pagination::Pagination;
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn};

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
    params(("group" = Uuid, Path, description = "Group id"), Parameters, AsOfPosition),
    responses((status = 200, description = "The members.", body = Members), ReadRefusal)
)]
pub async fn list_group_members(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    GroupById(group): GroupById,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    answer(&caller, group, &parameters, as_of).await
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
        AsOfPosition,
    ),
    responses((status = 200, description = "The members.", body = Members), ReadRefusal)
)]
pub async fn list_group_members_by_name(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    GroupByName(group): GroupByName,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    answer(&caller, group, &parameters, as_of).await
}

async fn answer(
    caller: &Caller,
    group: GroupFilter,
    parameters: &Parameters,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Members>, ApiError> {
    let (limit, offset) = (parameters.limit.as_deref(), parameters.offset.as_deref());
    let page = Pagination::parse(limit, offset, None)?;
    let page = (page.limit_or_all(), page.offset);
    let (users, count) = group::list_members(caller, group, page, as_of).await?;
    let users = users.into_iter().map(ReducedUser::from).collect();
    Ok(Json(Members { users, count }))
}
