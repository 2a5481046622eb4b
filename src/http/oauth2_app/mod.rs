//! OAuth2 apps and their secrets (docs/contract/oauth2.md 9).

mod create;
mod create_secret;
mod delete;
mod delete_secret;
mod get;
mod list;
mod list_secrets;
mod model;
mod path;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::AppState;

/// The routes under `/api/v2/oauth2-provider`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_oauth2_apps, create::create_oauth2_app))
        .routes(routes!(
            get::get_oauth2_app,
            update::update_oauth2_app,
            delete::delete_oauth2_app
        ))
        .routes(routes!(
            list_secrets::list_oauth2_app_secrets,
            create_secret::create_oauth2_app_secret
        ))
        .routes(routes!(delete_secret::delete_oauth2_app_secret))
}
