//! `GET /api/v2/groups/{group}` and `GET /api/v2/organizations/{organization}/groups/{groupName}`.

use chancery_operations::group;

use super::model::GroupModel;
use super::path::{GroupById, GroupByName};
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};

/// A group, by its id. One who may not see all its members sees himself alone, and their number.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = Uuid, Path, description = "Group id"), AsOfPosition),
    responses((status = 200, description = "The group.", body = GroupModel), ReadRefusal)
)]
pub async fn get_group(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    GroupById(group): GroupById,
) -> Result<Json<GroupModel>, ApiError> {
    Ok(Json(group::get(&caller, group, as_of).await?.into()))
}

/// A group, by its name in an organization.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/groups/{groupName}",
    tag = "Enterprise",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("groupName" = String, Path, description = "Group name"),
        AsOfPosition,
    ),
    responses((status = 200, description = "The group.", body = GroupModel), ReadRefusal)
)]
pub async fn get_group_by_name(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    GroupByName(group): GroupByName,
) -> Result<Json<GroupModel>, ApiError> {
    Ok(Json(group::get(&caller, group, as_of).await?.into()))
}
