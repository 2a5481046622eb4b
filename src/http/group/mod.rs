//! Groups of organizations (contract groups): making, changing and deleting them here, reading them in `get`, `list` and `members`.

mod get;
mod list;
mod members;
mod model;
mod path;

use axum::http::StatusCode;
use chancery_operations::group;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::model::{GroupModel, GroupRequest, PatchGroupRequest};
use self::path::GroupPath;
use super::base::message::Message;
use super::base::{ApiError, AppState, Json, SignedIn, WriteRefusal};
use super::organization::OrganizationPath;

/// The routes under `/api/v2/groups` and `/api/v2/organizations/{organization}/groups`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_groups))
        .routes(routes!(get::get_group, update_group, delete_group))
        .routes(routes!(list::list_groups_of_organization, create_group))
        .routes(routes!(get::get_group_by_name))
        .routes(routes!(members::list_group_members))
        .routes(routes!(members::list_group_members_by_name))
}

/// Makes a group without members.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/groups",
    tag = "Enterprise",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    request_body = GroupRequest,
    responses((status = 201, description = "The new group.", body = GroupModel), WriteRefusal)
)]
async fn create_group(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(request): Json<GroupRequest>,
) -> Result<(StatusCode, Json<GroupModel>), ApiError> {
    let group = group::create(&caller, &organization, request.into()).await?;
    Ok((StatusCode::CREATED, Json(group.into())))
}

/// Changes a group and its members, wholly or not at all. Of the group of everyone, only the quota allowance and the image.
#[utoipa::path(
    patch,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = Uuid, Path, description = "Group id")),
    request_body = PatchGroupRequest,
    responses((status = 200, description = "The group.", body = GroupModel), WriteRefusal)
)]
async fn update_group(
    SignedIn(caller): SignedIn,
    GroupPath(group): GroupPath,
    Json(request): Json<PatchGroupRequest>,
) -> Result<Json<GroupModel>, ApiError> {
    let group = group::update(&caller, &group, request.into()).await?;
    Ok(Json(group.into()))
}

/// Deletes a group. Its members stay in the organization.
#[utoipa::path(
    delete,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = Uuid, Path, description = "Group id")),
    responses((status = 200, description = "The group is deleted.", body = Message), WriteRefusal)
)]
async fn delete_group(
    SignedIn(caller): SignedIn,
    GroupPath(group): GroupPath,
) -> Result<Json<Message>, ApiError> {
    group::delete(&caller, &group).await?;
    Ok(Json(Message::new("Successfully deleted group!")))
}
