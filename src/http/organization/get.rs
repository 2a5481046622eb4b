//! `GET /api/v2/organizations/{organization}` and `GET /api/v2/users/{user}/organizations/{organizationname}`.

use chancery_operations::{organization, organization_member};

use super::model::OrganizationModel;
use super::path::OrganizationPath;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};
use crate::http::user::UserPath;

/// An organization, by id, name or `default`.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        ReadRefusal,
    )
)]
pub async fn get_organization(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<OrganizationModel>, ApiError> {
    let organization = organization::get(&caller, organization, as_of).await?;
    Ok(Json(organization.into()))
}

/// An organization that a user belongs to.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/organizations/{organizationname}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("organizationname" = String, Path, description = "Organization id, name, or default"),
    ),
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        ReadRefusal,
    )
)]
pub async fn get_organization_of_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<OrganizationModel>, ApiError> {
    organization_member::find(&caller, &organization, user.id).await?;
    Ok(Json(organization.into()))
}
