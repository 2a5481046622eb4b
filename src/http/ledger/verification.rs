use axum::extract::State;
use chancery_ledger::ListedCheckpoint;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoints::LedgerCheckpoint;
use crate::http::base::{ApiError, AppState, ErrorBody, Json, SignedIn};

/// What is known of the record's integrity.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerVerification {
    /// The last position of the record.
    head: i64,
    /// Whether this server verifies and signs: it has a signing key.
    signs: bool,
    /// The last position that this server verified.
    verified_until: Option<i64>,
    /// When it last verified, or tried to.
    tried_at: Option<DateTime<Utc>>,
    /// What is wrong with the record; null while nothing is known to be.
    altered: Option<String>,
    /// Why nothing could be verified or signed; null when it could.
    error: Option<String>,
    /// The last checkpoint of any server.
    #[schema(value_type = Option<LedgerCheckpoint>)]
    checkpoint: Option<ListedCheckpoint>,
}

/// What is known of the record's integrity. The server verifies every event once, before it signs a checkpoint that covers
/// it; `chancery audit verify` verifies all of them again.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/verification",
    responses(
        (status = 200, body = LedgerVerification),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    )
)]
pub async fn get_ledger_verification(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
) -> Result<Json<LedgerVerification>, ApiError> {
    super::permit(&caller)?;
    let report = state.integrity.report();
    let reader = state.services.reader();
    Ok(Json(LedgerVerification {
        head: reader.head().await?.0,
        signs: report.signs,
        verified_until: report.checkpoint.map(|checkpoint| checkpoint.position.0),
        tried_at: report.tried_at,
        altered: report.altered,
        error: report.error,
        checkpoint: reader.latest_listed_checkpoint().await?,
    }))
}
