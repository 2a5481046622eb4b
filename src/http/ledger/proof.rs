use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_ledger::{InclusionProof, ProveError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoints::LedgerKey;
use crate::http::base::{ApiError, AppState, ErrorBody, Json, SignedIn};

/// What shows that a checkpoint covers an event. `chancery audit verify` checks it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerProof {
    /// The event's position.
    position: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// Its content digest, hexadecimal.
    content: String,
    /// The Merkle audit path and the checkpoint, in the text of C2SP tlog-proof.
    proof: String,
    /// All public keys.
    keys: Vec<LedgerKey>,
}

/// Proves that an event is in the record, against the first checkpoint that covers it. The event stands in it by its digest
/// alone, since events may hold the hashes of secrets.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/events/{position}/proof",
    params(("position" = i64, Path, description = "Place in the record, from 1.")),
    responses(
        (status = 200, body = LedgerProof),
        (status = 400, description = "The position is not one.", body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, description = "There is no such event, or no checkpoint covers it yet.", body = ErrorBody),
        (status = 409, description = "The record is not what the checkpoint says.", body = ErrorBody),
    )
)]
pub async fn get_ledger_proof(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    Path(position): Path<String>,
) -> Result<Json<InclusionProof>, ApiError> {
    super::permit(&caller)?;
    let position = super::position(&position)?;
    let mut proof = state
        .services
        .reader()
        .prove(position, None)
        .await
        .map_err(|error| match error {
            ProveError::Read(error) => error.into(),
            ProveError::Altered(_) => ApiError::conflict(error.to_string()),
            ProveError::NoEvent(_) | ProveError::NoCheckpoint(_) => {
                ApiError::new(StatusCode::NOT_FOUND, error.to_string())
            }
        })?;
    proof.event = None;
    Ok(Json(proof))
}
