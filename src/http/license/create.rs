//! `POST /api/v2/licenses`.

use axum::http::StatusCode;
use chancery_operations::license;
use serde::Deserialize;
use utoipa::ToSchema;

use super::LicenseModel;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// The licence to be added.
#[derive(Deserialize, ToSchema)]
pub struct AddLicenseRequest {
    /// Its text: a JWT, signed with EdDSA by a key that the server was told of.
    #[serde(default, deserialize_with = "null_as_default")]
    license: String,
}

/// Adds a licence.
#[utoipa::path(
    post,
    path = "/api/v2/licenses",
    tag = "Licenses",
    request_body = AddLicenseRequest,
    responses((status = 201, description = "The licence.", body = LicenseModel), WriteRefusal)
)]
pub async fn create_license(
    SignedIn(caller): SignedIn,
    Json(request): Json<AddLicenseRequest>,
) -> Result<(StatusCode, Json<LicenseModel>), ApiError> {
    let license = license::create(&caller, &request.license).await?;
    Ok((StatusCode::CREATED, Json(license.into())))
}
