//! `POST /api/v2/organizations`.

use axum::http::StatusCode;
use chancery_operations::organization;

use super::model::{OrganizationModel, OrganizationRequest};
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Makes an organization with its group of everyone. The caller is its first member.
#[utoipa::path(
    post,
    path = "/api/v2/organizations",
    tag = "Organizations",
    request_body = OrganizationRequest,
    responses(
        (status = 201, description = "The new organization.", body = OrganizationModel),
        WriteRefusal,
    )
)]
pub async fn create_organization(
    SignedIn(caller): SignedIn,
    Json(request): Json<OrganizationRequest>,
) -> Result<(StatusCode, Json<OrganizationModel>), ApiError> {
    let organization = organization::create(&caller, request.into()).await?;
    Ok((StatusCode::CREATED, Json(organization.into())))
}
