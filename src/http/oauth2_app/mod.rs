//! OAuth2 apps and their secrets (docs/contract/oauth2.md 9).

mod list;
mod model;
mod secret;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_operations::oauth2_app::{self, NewOAuth2App, OAuth2AppForm};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::as_of::AsOfPosition;
use super::base::path::segment;
use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};
use model::OAuth2ProviderApp;

/// The routes under `/api/v2/oauth2-provider`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_oauth2_apps, create_oauth2_app))
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

/// Creates an app.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps",
    tag = "OAuth2 apps",
    request_body = NewOAuth2App,
    responses((status = 201, description = "The app.", body = OAuth2ProviderApp), WriteRefusal)
)]
async fn create_oauth2_app(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    Json(form): Json<NewOAuth2App>,
) -> Result<(StatusCode, Json<OAuth2ProviderApp>), ApiError> {
    let app = oauth2_app::create(&caller, form).await?;
    let app = OAuth2ProviderApp::new(app, &state.access_url);
    Ok((StatusCode::CREATED, Json(app)))
}

/// Shows one app.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}",
    tag = "OAuth2 apps",
    params(
        ("app" = uuid::Uuid, Path, description = "The app's id."),
        AsOfPosition,
    ),
    responses((status = 200, description = "The app.", body = OAuth2ProviderApp), ReadRefusal)
)]
async fn get_oauth2_app(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    NamedApp(id): NamedApp,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let app = oauth2_app::get(&caller, id, as_of).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}

/// Replaces an app's name, callback URL and icon. Nothing is revoked.
#[utoipa::path(
    put,
    path = "/api/v2/oauth2-provider/apps/{app}",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    request_body = OAuth2AppForm,
    responses((status = 200, description = "The app.", body = OAuth2ProviderApp), WriteRefusal)
)]
async fn update_oauth2_app(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
    Json(form): Json<OAuth2AppForm>,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let app = oauth2_app::update(&caller, app, form).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}

/// Deletes an app with its secrets, codes and tokens.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses((status = 204, description = "Deleted."), WriteRefusal)
)]
async fn delete_oauth2_app(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<StatusCode, ApiError> {
    oauth2_app::delete(&caller, app.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
