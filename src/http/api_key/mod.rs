//! API keys: sessions and tokens (contract core 3.5).

mod create_key;
mod create_token;
mod delete;
mod get;
mod list;
mod model;
mod record;
mod tokenconfig;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use model::ApiKeyModel;
use record::record;

use super::{ApiError, AppState, Validation};
use crate::secret::Secret;

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

fn invalid_lifetime(detail: String) -> ApiError {
    ApiError::bad_request("Failed to validate create API key request.").with_detail(detail)
}

fn name_taken(name: &str) -> ApiError {
    let text = format!("A token with name \"{name}\" already exists.");
    ApiError::conflict(text).with_validations(vec![Validation::new(
        "token_name",
        "This value is already in use and should be unique.",
    )])
}
