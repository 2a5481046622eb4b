//! `GET /api/v2/oauth2-provider/apps/{app}/secrets`.

use chancery_operations::oauth2_app;

use super::model::OAuth2ProviderAppSecret;
use super::path::OAuth2AppPath;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};

/// Lists an app's secrets by creation time, without their texts.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses((status = 200, description = "The secrets.", body = [OAuth2ProviderAppSecret]), ReadRefusal)
)]
pub async fn list_oauth2_app_secrets(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<Json<Vec<OAuth2ProviderAppSecret>>, ApiError> {
    let secrets = oauth2_app::list_secrets(&caller, &app).await?.into_iter();
    Ok(Json(secrets.map(OAuth2ProviderAppSecret::from).collect()))
}
