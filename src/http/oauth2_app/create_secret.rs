//! `POST /api/v2/oauth2-provider/apps/{app}/secrets`.

use axum::http::StatusCode;
use chancery_operations::oauth2_app;

use super::model::OAuth2ProviderAppSecretFull;
use super::path::OAuth2AppPath;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Creates a client secret. This answer alone shows its text.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses((status = 201, description = "The secret.", body = OAuth2ProviderAppSecretFull), WriteRefusal)
)]
pub async fn create_oauth2_app_secret(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<(StatusCode, Json<OAuth2ProviderAppSecretFull>), ApiError> {
    let secret = oauth2_app::create_secret(&caller, &app).await?;
    Ok((StatusCode::CREATED, Json(secret.into())))
}
