//! The API key as the API shows it (docs/contract/core.md 3.5).

use chancery_operations::api_key::ApiKey;
use chancery_operations::secret::Secret;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An API key, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = APIKey)]
pub struct ApiKeyModel {
    /// The ten characters before the dash of the key's text.
    pub id: String,
    /// Whose key it is.
    pub user_id: Uuid,
    /// When it was last used, to the hour; the time of creation before that.
    pub last_used: DateTime<Utc>,
    /// From this time on it is refused.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// `token`, or how the user had signed in.
    pub login_type: String,
    /// `all` or `application_connect`.
    pub scope: String,
    /// The token's name; `""` for sessions.
    pub token_name: String,
    /// The lifetime it was made with, in seconds.
    pub lifetime_seconds: i64,
}

impl From<ApiKey> for ApiKeyModel {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            user_id: key.user_id,
            last_used: key.last_used_at.unwrap_or(key.created_at),
            expires_at: key.expires_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
            login_type: key.login_type,
            scope: key.scope,
            token_name: key.token_name,
            lifetime_seconds: key.lifetime_seconds,
        }
    }
}

/// A new key's text. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct GenerateApiKeyResponse {
    /// The text to authenticate with.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    pub key: Secret,
}
