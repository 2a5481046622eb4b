//! Management of OAuth2 apps and their secrets (oauth2.md section 9).

mod create;
mod delete;
mod get;
mod list;
mod model;
mod request;
mod secret_create;
mod secret_delete;
mod secret_list;
mod update;

use chancery_aggregates::oauth2_app::Error;
use chancery_projections::ProjectionName;
use chancery_projections::oauth2_app::OAuth2App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{ApiError, AppState};

/// The streams of apps.
const STREAM_TYPE: &str = "oauth2_app";

/// The routes under `/api/v2/oauth2-provider`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(
            secret_list::list_secrets,
            secret_create::create_secret
        ))
        .routes(routes!(secret_delete::delete_secret))
}

/// The app id of a path (oauth2.md section 3).
fn parse_app_id(text: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(text).map_err(|_| ApiError::bad_request("Invalid OAuth2 client ID."))
}

fn app_not_found() -> ApiError {
    ApiError::new(
        axum::http::StatusCode::NOT_FOUND,
        "OAuth2 application not found.",
    )
}

/// The app as the read model has it.
async fn find_app(state: &AppState, app_id: Uuid) -> Result<OAuth2App, ApiError> {
    let app = chancery_projections::oauth2_app::get(state.projections.pool(), app_id).await?;
    app.ok_or_else(app_not_found)
}

/// Waits until what was recorded at `position` shows in the apps and in the grants that hang on them.
async fn wait_for_apps_and_grants(
    state: &AppState,
    position: Option<chancery_ledger::Position>,
) -> Result<(), ApiError> {
    state.wait_for(ProjectionName::OAUTH2_APP, position).await?;
    state.wait_for(ProjectionName::OAUTH2_GRANT, position).await
}

/// How the domain's refusals are answered.
fn refused(error: Error) -> ApiError {
    match error {
        Error::NotFound => app_not_found(),
        Error::SecretNotFound => ApiError::not_found(),
        Error::PublicClientHasNoSecret
        | Error::AuthMethodDoesNotFitClientType
        | Error::PrivateSchemeNeedsPublicClient => ApiError::bad_request(error.to_string()),
        Error::AlreadyExists | Error::SecretExists => ApiError::internal(&error),
    }
}
