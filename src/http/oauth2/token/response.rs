//! The answer to a successful token request (docs/contract/oauth2.md section 7.4).

use axum::response::{IntoResponse, Response};
use chancery_operations::oauth2_grant::Tokens;
use chancery_operations::secret::Secret;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::error::uncached;
use crate::http::base::Json;

/// An access token and the refresh token that goes with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenResponse {
    /// The access token, an API key of the user.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Exchanged for the next pair; it works once.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    pub refresh_token: Secret,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// When the access token expires.
    pub expiry: DateTime<Utc>,
    /// The scope that was granted; absent when none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl From<Tokens> for TokenResponse {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            token_type: "Bearer",
            refresh_token: tokens.refresh_token,
            expires_in: tokens.expires_in,
            expiry: tokens.expires_at,
            scope: Some(tokens.scope).filter(|scope| !scope.is_empty()),
        }
    }
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        uncached(Json(self))
    }
}
