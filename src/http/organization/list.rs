//! `GET /api/v2/organizations` and `GET /api/v2/users/{user}/organizations`.

use chancery_operations::organization::{self, Organization};

use super::model::OrganizationModel;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};
use crate::http::user::UserPath;

/// The organizations that the caller may read, by name.
#[utoipa::path(
    get,
    path = "/api/v2/organizations",
    tag = "Organizations",
    responses(
        (status = 200, description = "The organizations.", body = Vec<OrganizationModel>),
        ReadRefusal,
    )
)]
pub async fn list_organizations(
    SignedIn(caller): SignedIn,
) -> Result<Json<Vec<OrganizationModel>>, ApiError> {
    Ok(Json(models(organization::list(&caller).await?)))
}

/// The organizations that a user belongs to, as far as the caller may read them, by name.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/organizations",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The organizations.", body = Vec<OrganizationModel>),
        ReadRefusal,
    )
)]
pub async fn list_organizations_of_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<Vec<OrganizationModel>>, ApiError> {
    let organizations = organization::list_of_user(&caller, &user).await?;
    Ok(Json(models(organizations)))
}

fn models(organizations: Vec<Organization>) -> Vec<OrganizationModel> {
    organizations
        .into_iter()
        .map(OrganizationModel::from)
        .collect()
}
