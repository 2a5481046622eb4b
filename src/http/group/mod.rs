//! Groups of organizations (contract groups).

mod list;
mod model;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_operations::group::{self, Group, GroupChangeForm, GroupFilter, GroupForm};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::as_of::AsOfPosition;
use super::base::message::Message;
use super::base::pagination::{Limit, Offset};
use super::base::path::{self, segment_of};
use super::base::{ApiError, AppState, Json, Query, ReadRefusal, SignedIn, WriteRefusal};
use super::openapi;
use super::organization::OrganizationPath;
use model::{GroupModel, MembersModel, ReducedUser};

/// The routes under `/api/v2/groups` and `/api/v2/organizations/{organization}/groups`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_groups))
        .routes(routes!(get_group, update_group, delete_group))
        .routes(routes!(list::list_groups_of_organization, create_group))
        .routes(routes!(list_group_members))
        .routes(openapi::at(
            "/api/v2/organizations/{organization}/groups/{groupName}",
            "get_group_by_name",
            "A group, by its name in an organization.",
            routes!(get_group),
        ))
        .routes(openapi::at(
            "/api/v2/organizations/{organization}/groups/{groupName}/members",
            "list_group_members_by_name",
            "A page of the members of a group that is named in its organization, by user name. One who may not see all members sees\n\
             himself alone.",
            routes!(list_group_members),
        ))
}

/// What finds the group that the path names: by its id, a UUID, or by its name in an organization. An extractor; an organization
/// that the caller does not see is 404.
struct GroupNamed(GroupFilter);

/// The group that the path names by its id. An extractor; one that the caller does not see is 404.
struct GroupPath(Group);

impl FromRequestParts<AppState> for GroupNamed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(
            match segment_of(parts, state, &["group", "groupName"]).await? {
                ("group", id) => GroupFilter::by_id(path::id(&id)?),
                (_, name) => {
                    let path = OrganizationPath::from_request_parts(parts, state).await?;
                    GroupFilter::by_name(path.0.id, name)
                }
            },
        ))
    }
}

impl FromRequestParts<AppState> for GroupPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let GroupNamed(filter) = GroupNamed::from_request_parts(parts, state).await?;
        Ok(Self(group::find(&caller, filter).await?))
    }
}

/// A group, by its id. One who may not see all its members sees himself alone, and their number.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}",
    params(AsOfPosition),
    responses((status = 200, description = "The group.", body = GroupModel), ReadRefusal)
)]
async fn get_group(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    GroupNamed(group): GroupNamed,
) -> Result<Json<GroupModel>, ApiError> {
    Ok(Json(group::get(&caller, group, as_of).await?.into()))
}

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Page {
    /// At most so many members; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// Leaving out so many.
    #[param(value_type = Option<i64>)]
    offset: Offset,
}

/// A page of the members of a group, by user name. One who may not see all members sees himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}/members",
    params(Page, AsOfPosition),
    responses((status = 200, description = "The members.", body = MembersModel), ReadRefusal)
)]
async fn list_group_members(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    GroupNamed(group): GroupNamed,
    Query(page): Query<Page>,
) -> Result<Json<MembersModel>, ApiError> {
    let page = (page.limit.unless_zero(), page.offset.number());
    let (users, count) = group::list_members(&caller, group, page, as_of).await?;
    let users = users.into_iter().map(ReducedUser::from).collect();
    Ok(Json(MembersModel { users, count }))
}

/// Makes a group without members.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/groups",
    responses((status = 201, description = "The new group.", body = GroupModel), WriteRefusal)
)]
async fn create_group(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(form): Json<GroupForm>,
) -> Result<(StatusCode, Json<GroupModel>), ApiError> {
    let group = group::create(&caller, &organization, form).await?;
    Ok((StatusCode::CREATED, Json(group.into())))
}

/// Changes a group and its members, wholly or not at all. Of the group of everyone, only the quota allowance and the image.
#[utoipa::path(
    patch,
    path = "/api/v2/groups/{group}",
    responses((status = 200, description = "The group.", body = GroupModel), WriteRefusal)
)]
async fn update_group(
    SignedIn(caller): SignedIn,
    GroupPath(group): GroupPath,
    Json(form): Json<GroupChangeForm>,
) -> Result<Json<GroupModel>, ApiError> {
    let group = group::update(&caller, &group, form).await?;
    Ok(Json(group.into()))
}

/// Deletes a group. Its members stay in the organization.
#[utoipa::path(
    delete,
    path = "/api/v2/groups/{group}",
    responses((status = 200, description = "The group is deleted.", body = Message), WriteRefusal)
)]
async fn delete_group(
    SignedIn(caller): SignedIn,
    GroupPath(group): GroupPath,
) -> Result<Json<Message>, ApiError> {
    group::delete(&caller, &group).await?;
    Ok(Json(Message::new("Successfully deleted group!")))
}
