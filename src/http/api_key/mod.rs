//! API keys: sessions and tokens (contract core 3.5).

mod create_key;
mod create_token;
mod delete;
mod get;
mod list;
mod model;
mod tokenconfig;

use chancery_aggregates::api_key::{ApiKey, Command, CreateApiKey, Error};
use chancery_ledger::ExecuteError;
use chancery_projections::ProjectionName;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use model::ApiKeyModel;

use super::{ApiError, AppState, RequestFacts, Session, Validation};
use crate::policy::Permit;
use crate::secret::{NewApiKey, Secret};

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
    key: Secret,
}

/// Records a new key and waits until it can be used.
async fn record(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    key: &NewApiKey,
    create: CreateApiKey,
) -> Result<(), ApiError> {
    let name = create
        .token_name
        .as_ref()
        .map(|name| name.as_str().to_owned())
        .unwrap_or_default();
    let created = state
        .commands(permit)
        .execute::<ApiKey>(
            &key.id,
            Command::CreateApiKey(create),
            &facts.command(state, &session.actor()),
        )
        .await
        .map_err(|error| match error {
            ExecuteError::KeyTaken { .. } => name_taken(&name),
            error => ApiError::of_execute(error, |refused| match refused {
                Error::LifetimeNotPositive => invalid_lifetime(refused.to_string()),
                refused => ApiError::internal(&refused),
            }),
        })?;
    state
        .wait_for(ProjectionName::API_KEY, created.position)
        .await
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
