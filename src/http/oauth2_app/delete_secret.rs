//! `DELETE /api/v2/oauth2-provider/apps/{app}/secrets/{secret_id}`.

use axum::http::StatusCode;
use chancery_operations::oauth2_app;

use super::path::{OAuth2AppPath, OAuth2AppSecretId};
use crate::http::base::{ApiError, SignedIn, WriteRefusal};

/// Deletes a client secret with the codes and tokens issued by it.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets/{secret_id}",
    tag = "OAuth2 apps",
    params(
        ("app" = uuid::Uuid, Path, description = "The app's id."),
        ("secret_id" = uuid::Uuid, Path, description = "The secret's id."),
    ),
    responses((status = 204, description = "Deleted."), WriteRefusal)
)]
pub async fn delete_oauth2_app_secret(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
    OAuth2AppSecretId(secret): OAuth2AppSecretId,
) -> Result<StatusCode, ApiError> {
    oauth2_app::delete_secret(&caller, &app, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
