//! `PUT /api/v2/oauth2-provider/apps/{app}`.

use axum::extract::State;
use chancery_operations::oauth2_app::{self, OAuth2AppForm};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::OAuth2ProviderApp;
use super::path::OAuth2AppPath;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, AppState, Json, SignedIn, WriteRefusal};

/// Body of PUT app: replaces these fields. Without `redirect_uris`, those are kept, since callers of the contract do not
/// know them.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutOAuth2ProviderAppRequest {
    /// 1 to 32 letters and digits in groups joined by hyphens.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Where users return to.
    #[serde(default, deserialize_with = "null_as_default")]
    pub callback_url: String,
    /// URL or site path of a picture.
    #[serde(default, deserialize_with = "null_as_default")]
    pub icon: String,
    /// Further redirect URIs.
    #[serde(default)]
    pub redirect_uris: Option<Vec<String>>,
}

/// Replaces an app's name, callback URL and icon. Nothing is revoked.
#[utoipa::path(
    put,
    path = "/api/v2/oauth2-provider/apps/{app}",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    request_body = PutOAuth2ProviderAppRequest,
    responses((status = 200, description = "The app.", body = OAuth2ProviderApp), WriteRefusal)
)]
pub async fn update_oauth2_app(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
    Json(request): Json<PutOAuth2ProviderAppRequest>,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let form = OAuth2AppForm {
        name: request.name,
        callback_url: request.callback_url,
        icon: request.icon,
        redirect_uris: request.redirect_uris,
    };
    let app = oauth2_app::update(&caller, app, form).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}
