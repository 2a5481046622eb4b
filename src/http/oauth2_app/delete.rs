//! `DELETE /api/v2/oauth2-provider/apps/{app}`.

use axum::http::StatusCode;
use chancery_operations::oauth2_app;

use super::path::OAuth2AppPath;
use crate::http::base::{ApiError, SignedIn, WriteRefusal};

/// Deletes an app with its secrets, codes and tokens.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses((status = 204, description = "Deleted."), WriteRefusal)
)]
pub async fn delete_oauth2_app(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<StatusCode, ApiError> {
    oauth2_app::delete(&caller, &app).await?;
    Ok(StatusCode::NO_CONTENT)
}
