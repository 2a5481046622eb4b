//! OAuth2 apps and their secrets (docs/contract/oauth2.md 9).

mod model;
mod secret;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::user::UserId;
use chancery_operations::oauth2_app::{self, NewOAuth2App, OAuth2AppForm};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::as_of::AsOfPosition;
use super::base::path::segment;
use super::base::{ApiError, AppState, Json, Query, ReadRefusal, SignedIn, WriteRefusal};
use model::OAuth2ProviderApp;

/// The routes under `/api/v2/oauth2-provider`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_oauth2_apps, create_oauth2_app))
        .routes(routes!(
            get_oauth2_app,
            update_oauth2_app,
            delete_oauth2_app
        ))
        .routes(routes!(
            secret::list_oauth2_app_secrets,
            secret::create_oauth2_app_secret
        ))
        .routes(routes!(secret::delete_oauth2_app_secret))
}

/// The `{app}` of a path: a UUID, which is the app's `client_id`. An extractor.
struct NamedApp(OAuth2AppId);

/// The app that the path names. An extractor; an unknown app is 404.
pub struct OAuth2AppPath(oauth2_app::Client);

impl FromRequestParts<AppState> for NamedApp {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = segment(parts, state, "app").await?;
        let invalid = |_| ApiError::bad_request("Invalid OAuth2 client ID.");
        text.parse().map(Self).map_err(invalid)
    }
}

impl FromRequestParts<AppState> for OAuth2AppPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let NamedApp(id) = NamedApp::from_request_parts(parts, state).await?;
        Ok(Self(oauth2_app::get(&caller, id, None).await?))
    }
}

/// Which apps.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Only apps for which this user holds tokens.
    #[param(value_type = Option<UserId>)]
    user_id: Option<String>,
}

/// Lists apps by name; with `user_id`, those for which that user holds tokens.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps",
    params(Parameters, AsOfPosition),
    responses((status = 200, description = "The apps.", body = [OAuth2ProviderApp]), ReadRefusal)
)]
async fn list_oauth2_apps(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<OAuth2ProviderApp>>, ApiError> {
    let user_id = parameters.user_id.map(|text| text.parse::<UserId>());
    let invalid = |_| ApiError::bad_request("Invalid user UUID");
    let user_id = user_id.transpose().map_err(invalid)?;
    let apps = oauth2_app::list(&caller, user_id, as_of).await?.into_iter();
    let models = apps.map(|app| OAuth2ProviderApp::new(app, &caller));
    Ok(Json(models.collect()))
}

/// Creates an app.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps",
    responses((status = 201, description = "The app.", body = OAuth2ProviderApp), WriteRefusal)
)]
async fn create_oauth2_app(
    SignedIn(caller): SignedIn,
    Json(form): Json<NewOAuth2App>,
) -> Result<(StatusCode, Json<OAuth2ProviderApp>), ApiError> {
    let app = oauth2_app::create(&caller, form).await?;
    let app = OAuth2ProviderApp::new(app, &caller);
    Ok((StatusCode::CREATED, Json(app)))
}

/// Shows one app.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}",
    params(AsOfPosition),
    responses((status = 200, description = "The app.", body = OAuth2ProviderApp), ReadRefusal)
)]
async fn get_oauth2_app(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    NamedApp(id): NamedApp,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let app = oauth2_app::get(&caller, id, as_of).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &caller)))
}

/// Replaces an app's name, callback URL and icon. Nothing is revoked.
#[utoipa::path(
    put,
    path = "/api/v2/oauth2-provider/apps/{app}",
    responses((status = 200, description = "The app.", body = OAuth2ProviderApp), WriteRefusal)
)]
async fn update_oauth2_app(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
    Json(form): Json<OAuth2AppForm>,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let app = oauth2_app::update(&caller, app, form).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &caller)))
}

/// Deletes an app with its secrets, codes and tokens.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}",
    responses((status = 204, description = "Deleted."), WriteRefusal)
)]
async fn delete_oauth2_app(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<StatusCode, ApiError> {
    oauth2_app::delete(&caller, app.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
