//! `GET /api/v2/oauth2-provider/apps`.

use axum::extract::State;
use chancery_aggregates::user::UserId;
use chancery_operations::oauth2_app;
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::OAuth2ProviderApp;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, AppState, Json, Query, ReadRefusal, SignedIn};

/// Which apps.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only apps for which this user holds tokens.
    #[param(value_type = Option<UserId>)]
    user_id: Option<String>,
}

/// Lists apps by name; with `user_id`, those for which that user holds tokens.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps",
    tag = "OAuth2 apps",
    params(
        Parameters,
        AsOfPosition,
    ),
    responses((status = 200, description = "The apps.", body = [OAuth2ProviderApp]), ReadRefusal)
)]
pub async fn list_oauth2_apps(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<OAuth2ProviderApp>>, ApiError> {
    let user_id = parameters.user_id.map(|text| text.parse::<UserId>());
    let invalid = |_| ApiError::bad_request("Invalid user UUID");
    let user_id = user_id.transpose().map_err(invalid)?;
    let apps = oauth2_app::list(&caller, user_id, as_of).await?.into_iter();
    let models = apps.map(|app| OAuth2ProviderApp::new(app, &state.access_url));
    Ok(Json(models.collect()))
}
