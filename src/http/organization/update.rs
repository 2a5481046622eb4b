//! `PATCH /api/v2/organizations/{organization}`.

use chancery_operations::organization::{self, ChangedOrganization};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::OrganizationModel;
use super::path::OrganizationPath;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// What is to change. What is left out, or null, stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateOrganizationRequest {
    /// The unique name; stays when `""`.
    #[serde(default)]
    name: Option<String>,
    /// The name shown to people.
    #[serde(default)]
    display_name: Option<String>,
    /// Free text.
    #[serde(default)]
    description: Option<String>,
    /// The URL or path of an image.
    #[serde(default)]
    icon: Option<String>,
}

/// Changes an organization.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    request_body = UpdateOrganizationRequest,
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        WriteRefusal,
    )
)]
pub async fn update_organization(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(request): Json<UpdateOrganizationRequest>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let changed = ChangedOrganization {
        name: request.name,
        display_name: request.display_name,
        description: request.description,
        icon: request.icon,
    };
    let organization = organization::update(&caller, &organization, changed).await?;
    Ok(Json(organization.into()))
}
