//! The segments of a path, for the extractors of what they name.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use chancery_aggregates::Id;

use super::error::ApiError;
use super::state::AppState;

/// The text of the segment that the route calls `name`.
pub async fn segment(
    parts: &mut Parts,
    state: &AppState,
    name: &'static str,
) -> Result<String, ApiError> {
    Ok(segment_of(parts, state, &[name]).await?.1)
}

/// By which of `names` the route calls a segment, and its text.
pub async fn segment_of(
    parts: &mut Parts,
    state: &AppState,
    names: &[&'static str],
) -> Result<(&'static str, String), ApiError> {
    let unreadable = |_| ApiError::bad_request("The path must be UTF-8 without NUL.");
    let segments = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(unreadable)?;
    let mut segments = segments.iter();
    let found = segments.find_map(|(name, text)| {
        let name = names.iter().find(|known| **known == name)?;
        Some((*name, text.to_owned()))
    });
    found
        .ok_or_else(|| ApiError::internal("a handler reads a segment that its route does not have"))
}

/// The id that a segment is.
pub fn id<N>(text: &str) -> Result<Id<N>, ApiError> {
    text.parse().map_err(|_| ApiError::invalid_uuid(text))
}
