//! `PATCH /api/v2/organizations/{organization}`.

use chancery_operations::organization;

use super::model::{OrganizationModel, OrganizationRequest};
use super::path::OrganizationPath;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Changes an organization.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    request_body = OrganizationRequest,
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        WriteRefusal,
    )
)]
pub async fn update_organization(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(request): Json<OrganizationRequest>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let organization = organization::update(&caller, &organization, request.into()).await?;
    Ok(Json(organization.into()))
}
