//! `POST /api/v2/organizations`.

use axum::http::StatusCode;
use chancery_operations::organization::{self, NewOrganization};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::OrganizationModel;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// The organization to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateOrganizationRequest {
    /// The unique name: 1 to 32 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The name shown to people; the name when left out.
    #[serde(default, deserialize_with = "null_as_default")]
    display_name: String,
    /// Free text.
    #[serde(default, deserialize_with = "null_as_default")]
    description: String,
    /// The URL or path of an image.
    #[serde(default, deserialize_with = "null_as_default")]
    icon: String,
}

/// Makes an organization with its group of everyone. The caller is its first member.
#[utoipa::path(
    post,
    path = "/api/v2/organizations",
    tag = "Organizations",
    request_body = CreateOrganizationRequest,
    responses(
        (status = 201, description = "The new organization.", body = OrganizationModel),
        WriteRefusal,
    )
)]
pub async fn create_organization(
    SignedIn(caller): SignedIn,
    Json(request): Json<CreateOrganizationRequest>,
) -> Result<(StatusCode, Json<OrganizationModel>), ApiError> {
    let new = NewOrganization {
        name: request.name,
        display_name: request.display_name,
        description: request.description,
        icon: request.icon,
    };
    let organization = organization::create(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(organization.into())))
}
