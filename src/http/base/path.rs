//! The segments of a path, for the extractors of what they name.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use chancery_aggregates::Id;

use super::error::ApiError;
use super::state::AppState;

/// The text of the segment that the route calls `name`.
pub async fn segment(parts: &mut Parts, state: &AppState, name: &str) -> Result<String, ApiError> {
    segment_of(parts, state, &[name]).await
}

/// The text of the segment that the route calls by one of `names`.
pub async fn segment_of(
    parts: &mut Parts,
    state: &AppState,
    names: &[&str],
) -> Result<String, ApiError> {
    let unreadable = |_| ApiError::bad_request("The path must be UTF-8 without NUL.");
    let segments = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(unreadable)?;
    let mut segments = segments.iter();
    let text = segments.find_map(|(name, text)| names.contains(&name).then(|| text.to_owned()));
    text.ok_or_else(|| ApiError::internal("a handler reads a segment that its route does not have"))
}

/// The id that a segment is.
pub fn id<N>(text: &str) -> Result<Id<N>, ApiError> {
    text.parse().map_err(|_| ApiError::invalid_uuid(text))
}
