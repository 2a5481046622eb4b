//! `PATCH /api/v2/groups/{group}`.

use chancery_operations::group::{self, ChangedGroup};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::GroupModel;
use super::path::GroupPath;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// What is to change. What is left out, or null, stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PatchGroupRequest {
    /// Who becomes a member: user ids, or names of members of the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    add_users: Vec<String>,
    /// Who is no member any more: user ids, or names of members of the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    remove_users: Vec<String>,
    /// The name, unique in the organization; stays when `""`.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The name shown to people.
    #[serde(default)]
    display_name: Option<String>,
    /// The URL or path of an image.
    #[serde(default)]
    avatar_url: Option<String>,
    /// How many credits each member may spend.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    quota_allowance: Option<i64>,
}

/// Changes a group and its members, wholly or not at all. Of the group of everyone, only the quota allowance and the image.
#[utoipa::path(
    patch,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = Uuid, Path, description = "Group id")),
    request_body = PatchGroupRequest,
    responses(
        (status = 200, description = "The group.", body = GroupModel),
        WriteRefusal,
    )
)]
pub async fn update_group(
    SignedIn(caller): SignedIn,
    GroupPath(group): GroupPath,
    Json(request): Json<PatchGroupRequest>,
) -> Result<Json<GroupModel>, ApiError> {
    let changed = ChangedGroup {
        add_users: request.add_users,
        remove_users: request.remove_users,
        name: request.name,
        display_name: request.display_name,
        avatar_url: request.avatar_url,
        quota_allowance: request.quota_allowance,
    };
    let group = group::update(&caller, &group, changed).await?;
    Ok(Json(group.into()))
}
