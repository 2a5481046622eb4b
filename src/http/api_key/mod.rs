//! API keys: sessions and tokens (contract core 3.5).

mod create_key;
mod create_token;
mod delete;
mod get;
mod list;
mod model;
mod path;
mod tokenconfig;

use chancery_operations::secret::Secret;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use model::ApiKeyModel;

use super::AppState;

/// The routes under `/api/v2/users/{user}/keys`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_key::create_key))
        .routes(routes!(create_token::create_token, list::list_tokens))
        .routes(routes!(tokenconfig::get_token_config))
        .routes(routes!(get::get_token_by_name))
        .routes(routes!(get::get_key, delete::delete_key))
}

/// A new key's text. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct GenerateApiKeyResponse {
    /// The text to authenticate with.
    #[schema(value_type = String, format = Password)]
    key: Secret,
}
