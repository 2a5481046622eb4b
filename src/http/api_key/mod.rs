//! API keys: sessions and tokens (docs/contract/core.md 3.5).

mod create_key;
mod create_token;
mod delete;
mod get;
mod list;
mod model;
mod path;
mod tokenconfig;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::AppState;

/// The routes under `/api/v2/users/{user}/keys`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_key::create_key))
        .routes(routes!(create_token::create_token, list::list_tokens))
        .routes(routes!(tokenconfig::get_token_config))
        .routes(routes!(get::get_token_by_name))
        .routes(routes!(get::get_key, delete::delete_key))
}
