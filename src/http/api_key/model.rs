//! The API key as the API shows it (docs/contract/core.md 3.5).

use std::time::Duration;

use chancery_aggregates::user::UserId;
use chancery_operations::api_key::ApiKey;
use chancery_operations::secret::Secret;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An API key, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = APIKey)]
pub struct ApiKeyModel {
    /// The ten characters before the dash of the key's text.
    id: String,
    /// Whose key it is.
    user_id: UserId,
    /// When it was last used, to the hour; the time of creation before that.
    last_used: DateTime<Utc>,
    /// From this time on it is refused.
    expires_at: DateTime<Utc>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    /// `token`, or how the user had signed in.
    login_type: &'static str,
    /// `all` or `application_connect`.
    scope: &'static str,
    /// The token's name; `""` for sessions.
    token_name: String,
    /// The lifetime it was made with, in seconds.
    lifetime_seconds: i64,
}

impl From<ApiKey> for ApiKeyModel {
    fn from(ApiKey { key, last_used_at }: ApiKey) -> Self {
        Self {
            id: key.id,
            user_id: key.thing.user_id,
            last_used: last_used_at.unwrap_or(key.created_at),
            expires_at: key.thing.expires_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
            login_type: key.thing.login_type.into(),
            scope: key.thing.scope.into(),
            token_name: key.thing.token_name.into(),
            lifetime_seconds: key.thing.lifetime_seconds,
        }
    }
}

/// An API token with its user's name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIKeyWithOwner)]
pub struct NamedTokenModel {
    #[serde(flatten)]
    pub key: ApiKeyModel,
    /// The name of the user whose token it is.
    pub username: String,
}

/// A new key's text. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct GenerateApiKeyResponse {
    /// The text to authenticate with.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    pub key: Secret,
}

/// What tokens may ask for.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenConfig {
    /// The longest lifetime, in nanoseconds.
    max_token_lifetime: i64,
}

impl From<Duration> for TokenConfig {
    fn from(longest: Duration) -> Self {
        Self {
            max_token_lifetime: i64::try_from(longest.as_nanos()).unwrap_or(i64::MAX),
        }
    }
}
