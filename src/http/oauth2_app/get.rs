//! `GET /api/v2/oauth2-provider/apps/{app}`.

use axum::extract::State;
use chancery_operations::oauth2_app;

use super::model::OAuth2ProviderApp;
use super::path::OAuth2AppId;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, AppState, Json, ReadRefusal, SignedIn};

/// Shows one app.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}",
    tag = "OAuth2 apps",
    params(
        ("app" = uuid::Uuid, Path, description = "The app's id."),
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339."),
    ),
    responses((status = 200, description = "The app.", body = OAuth2ProviderApp), ReadRefusal)
)]
pub async fn get_oauth2_app(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    OAuth2AppId(id): OAuth2AppId,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let app = oauth2_app::get(&caller, id, as_of).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}
