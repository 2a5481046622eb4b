//! `DELETE /api/v2/organizations/{organization}/members/{user}`.

use axum::http::StatusCode;
use chancery_operations::organization_member;

use crate::http::base::{ApiError, SignedIn, WriteRefusal};
use crate::http::organization::OrganizationPath;
use crate::http::user::UserText;

/// Takes a user out of an organization and all its groups.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{organization}/members/{user}",
    responses(
        (status = 204, description = "The user is no member any more."),
        WriteRefusal,
    )
)]
pub async fn remove_member(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    UserText(user): UserText,
) -> Result<StatusCode, ApiError> {
    organization_member::remove(&caller, &organization, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
