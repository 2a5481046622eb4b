//! The answer to a successful token request (oauth2.md section 7.4).

use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Json;
use crate::secret::Secret;

use super::super::error::uncached;

/// An access token and the refresh token that goes with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenResponse {
    /// The access token, an API key of the user.
    #[schema(value_type = String, format = Password)]
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Exchanged for the next pair; it works once.
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

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        uncached(Json(self))
    }
}
