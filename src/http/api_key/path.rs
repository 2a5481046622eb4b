//! The `{keyid}` and `{keyname}` of a path.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::http::base::path::segment;
use crate::http::base::{ApiError, AppState};

/// The id that the path names. An extractor.
pub struct KeyId(pub String);

/// The token's name that the path names. An extractor.
pub struct KeyName(pub String);

impl FromRequestParts<AppState> for KeyId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        segment(parts, state, "keyid").await.map(Self)
    }
}

impl FromRequestParts<AppState> for KeyName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        segment(parts, state, "keyname").await.map(Self)
    }
}
