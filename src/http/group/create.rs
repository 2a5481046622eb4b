//! `POST /api/v2/organizations/{organization}/groups`.

use axum::http::StatusCode;
use chancery_operations::group::{self, NewGroup};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::GroupModel;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};
use crate::http::organization::OrganizationPath;

/// The group to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateGroupRequest {
    /// The name, unique in the organization: 1 to 36 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The name shown to people.
    #[serde(default, deserialize_with = "null_as_default")]
    display_name: String,
    /// The URL or path of an image.
    #[serde(default, deserialize_with = "null_as_default")]
    avatar_url: String,
    /// How many credits each member may spend.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    quota_allowance: i64,
}

/// Makes a group without members.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/groups",
    tag = "Enterprise",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    request_body = CreateGroupRequest,
    responses(
        (status = 201, description = "The new group.", body = GroupModel),
        WriteRefusal,
    )
)]
pub async fn create_group(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(request): Json<CreateGroupRequest>,
) -> Result<(StatusCode, Json<GroupModel>), ApiError> {
    let new = NewGroup {
        name: request.name,
        display_name: request.display_name,
        avatar_url: request.avatar_url,
        quota_allowance: request.quota_allowance,
    };
    let group = group::create(&caller, &organization, new).await?;
    Ok((StatusCode::CREATED, Json(group.into())))
}
