//! The record's tree for public tools: C2SP tlog-tiles.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chancery_ledger::TilePath;

use crate::http::base::{ApiError, AppState, ErrorBody, SignedIn};

/// Where tiles are.
pub const TILES: &str = "/api/v2/ledger/log/tile/{*tile}";

/// The last checkpoint: a signed note (C2SP tlog-checkpoint). With `--public-log` for anybody.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/log/checkpoint",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, description = "There is no checkpoint yet.", body = ErrorBody),
    )
)]
pub async fn get_ledger_log_checkpoint(
    State(state): State<AppState>,
    signed_in: Result<SignedIn, ApiError>,
) -> Result<Response, ApiError> {
    if !state.config.checkpoints.is_public {
        let SignedIn(caller) = signed_in?;
        super::permit(&caller)?;
    }
    let checkpoint = state.services.reader().latest_checkpoint().await?;
    let checkpoint = checkpoint.ok_or_else(ApiError::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, checkpoint.to_string()).into_response())
}

/// A tile of the last checkpoint's tree, or the leaves below it: `<level or entries>/<index>[.p/<width>]`. With `--public-log`
/// hashes are for anybody; leaves, which tell when things happened, never are.
pub async fn get_ledger_log_tile(
    State(state): State<AppState>,
    signed_in: Result<SignedIn, ApiError>,
    Path(path): Path<String>,
) -> Result<Response, ApiError> {
    let path: Result<TilePath, _> = path.parse();
    let is_entries = path.is_ok_and(|path| path.is_entries());
    let is_public = state.config.checkpoints.is_public && !is_entries;
    if !is_public {
        let SignedIn(caller) = signed_in?;
        super::permit(&caller)?;
    }
    let path = path.map_err(|error| ApiError::bad_request(error.to_string()))?;
    let tile = state.services.reader().tile(path).await?;
    let tile = tile.ok_or_else(ApiError::not_found)?;
    let caching = if is_public {
        "public, max-age=31536000, immutable"
    } else {
        "private, max-age=31536000, immutable"
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, caching),
    ];
    Ok((headers, tile).into_response())
}
