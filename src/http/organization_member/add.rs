//! `POST /api/v2/organizations/{organization}/members/{user}`.

use chancery_operations::organization_member;

use super::model::MemberModel;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};
use crate::http::organization::OrganizationPath;
use crate::http::user::UserText;

/// Makes a user a member of an organization, without any role there.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/members/{user}",
    responses(
        (status = 200, description = "The member.", body = MemberModel),
        WriteRefusal,
    )
)]
pub async fn add_member(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    UserText(user): UserText,
) -> Result<Json<MemberModel>, ApiError> {
    let member = organization_member::add(&caller, &organization, &user).await?;
    Ok(Json(member.into()))
}
