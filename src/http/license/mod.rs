//! `/api/v2/licenses` (`docs/contract/proxies_replicas_licenses_appearance.md` 3).

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use chancery_aggregates::license::LicenseUuid;
use chancery_operations::license::{self, License};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::as_of::AsOfPosition;
use super::base::json::null_as_default;
use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};

/// The routes of licences.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_licenses, create_license))
        .routes(routes!(delete_license))
}

/// A licence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = License)]
struct LicenseModel {
    /// Its number, from 1 on.
    id: i64,
    /// The `jti` that it was signed with, or else an id made for it.
    uuid: LicenseUuid,
    /// When it was added.
    uploaded_at: DateTime<Utc>,
    /// What it says, as it was signed.
    #[schema(value_type = Object)]
    claims: Value,
}

impl From<License> for LicenseModel {
    fn from(license: License) -> Self {
        Self {
            id: license.id,
            uuid: license.thing.uuid,
            uploaded_at: license.created_at,
            claims: license.thing.jwt.claims(),
        }
    }
}

/// The licences in the order in which they were added; none for who is no owner.
#[utoipa::path(
    get,
    path = "/api/v2/licenses",
    params(AsOfPosition),
    responses((status = 200, description = "The licences.", body = [LicenseModel]), ReadRefusal)
)]
async fn list_licenses(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Vec<LicenseModel>>, ApiError> {
    let licenses = license::list(&caller, as_of).await?;
    Ok(Json(licenses.into_iter().map(LicenseModel::from).collect()))
}

/// The licence to be added.
#[derive(Deserialize, ToSchema)]
struct AddLicenseRequest {
    /// Its text: a JWT, signed (Ed25519) by a key that the server was told of.
    #[serde(default, deserialize_with = "null_as_default")]
    license: String,
}

/// Adds a licence.
#[utoipa::path(
    post,
    path = "/api/v2/licenses",
    responses((status = 201, description = "The licence.", body = LicenseModel), WriteRefusal)
)]
async fn create_license(
    SignedIn(caller): SignedIn,
    Json(request): Json<AddLicenseRequest>,
) -> Result<(StatusCode, Json<LicenseModel>), ApiError> {
    let license = license::create(&caller, &request.license).await?;
    Ok((StatusCode::CREATED, Json(license.into())))
}

/// Removes a licence for good.
#[utoipa::path(
    delete,
    path = "/api/v2/licenses/{license}",
    params(("license" = i64, Path, description = "The licence's number.")),
    responses((status = 200, description = "Removed."), WriteRefusal)
)]
async fn delete_license(
    SignedIn(caller): SignedIn,
    path: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let no_number = |_| ApiError::new(StatusCode::NOT_FOUND, "License ID must be an integer");
    let Path(number) = path.map_err(no_number)?;
    license::delete(&caller, number).await?;
    Ok(StatusCode::OK)
}
