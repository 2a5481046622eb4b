//! `GET /api/v2/licenses`.

use chancery_operations::license;

use super::LicenseModel;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};

/// The licences in the order in which they were added; none for who is no owner.
#[utoipa::path(
    get,
    path = "/api/v2/licenses",
    tag = "Licenses",
    params(("as_of" = Option<String>, Query, description = "As they were at this position of the record, or time as in RFC 3339.")),
    responses((status = 200, description = "The licences.", body = [LicenseModel]), ReadRefusal)
)]
pub async fn list_licenses(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Vec<LicenseModel>>, ApiError> {
    let licenses = license::list(&caller, as_of).await?;
    Ok(Json(licenses.into_iter().map(LicenseModel::from).collect()))
}
