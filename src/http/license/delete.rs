//! `DELETE /api/v2/licenses/{license}`.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use chancery_operations::license;

use crate::http::base::{ApiError, SignedIn, WriteRefusal};

/// Removes a licence for good.
#[utoipa::path(
    delete,
    path = "/api/v2/licenses/{license}",
    tag = "Licenses",
    params(("license" = i64, Path, description = "The licence's number.")),
    responses((status = 200, description = "Removed."), WriteRefusal)
)]
pub async fn delete_license(
    SignedIn(caller): SignedIn,
    path: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let no_number = |_| ApiError::new(StatusCode::NOT_FOUND, "License ID must be an integer");
    let Path(number) = path.map_err(no_number)?;
    license::delete(&caller, number).await?;
    Ok(StatusCode::OK)
}
