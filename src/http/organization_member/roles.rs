//! `PUT /api/v2/organizations/{organization}/members/{user}/roles`.

use chancery_operations::organization_member;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::MemberModel;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};
use crate::http::organization::OrganizationPath;
use crate::http::user::UserText;

/// The new roles in the organization.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateMemberRoles {
    /// All roles that the member is to have in the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    roles: Vec<String>,
}

/// Replaces the roles of a member. A role that is given or taken must be one that the caller may assign.
#[utoipa::path(
    put,
    path = "/api/v2/organizations/{organization}/members/{user}/roles",
    responses(
        (status = 200, description = "The member.", body = MemberModel),
        WriteRefusal,
    )
)]
pub async fn update_member_roles(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    UserText(user): UserText,
    Json(request): Json<UpdateMemberRoles>,
) -> Result<Json<MemberModel>, ApiError> {
    let roles = &request.roles;
    let member = organization_member::change_roles(&caller, &organization, &user, roles).await?;
    Ok(Json(member.into()))
}
