//! The segments of a path, for the extractors of what they name.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use uuid::Uuid;

use super::error::ApiError;
use super::state::AppState;

/// The text of the segment that the route calls `name`.
pub async fn segment(parts: &mut Parts, state: &AppState, name: &str) -> Result<String, ApiError> {
    let unreadable = |_| ApiError::bad_request("The path must be UTF-8 without NUL.");
    let segments = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(unreadable)?;
    let text = segments.iter().find(|(segment, _)| *segment == name);
    let missing = || ApiError::internal("a handler reads a segment that its route does not have");
    text.map(|(_, text)| text.to_owned()).ok_or_else(missing)
}

/// The UUID of a segment.
pub fn uuid(text: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(text).map_err(|_| ApiError::invalid_uuid(text))
}
