//! `GET /api/v2/groups/{group}` and `GET /api/v2/organizations/{organization}/groups/{groupName}`.

use chancery_operations::group::{GroupRef, ShownGroup};

use super::model::GroupModel;
use super::path::{GroupId, GroupName};
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};
use crate::http::organization::OrganizationPath;

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
        ReadRefusal,
    )
)]
pub async fn get_group(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    GroupId(id): GroupId,
) -> Result<Json<GroupModel>, ApiError> {
    let group = ShownGroup::find(&caller, GroupRef::Id(id), as_of).await?;
    Ok(Json(group.into()))
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
        ReadRefusal,
    )
)]
pub async fn get_group_by_name(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    OrganizationPath(organization): OrganizationPath,
    GroupName(name): GroupName,
) -> Result<Json<GroupModel>, ApiError> {
    let reference = GroupRef::Name(&organization, &name);
    let group = ShownGroup::find(&caller, reference, as_of).await?;
    Ok(Json(group.into()))
}
