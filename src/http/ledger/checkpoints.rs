use axum::extract::State;
use chancery_ledger::{Checkpoint, KeyRecord, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::base::{ApiError, AppState, ErrorBody, Json, Query, SignedIn};

const DEFAULT_LIMIT: usize = 100;
const LIMIT_MAX: usize = 10_000;

/// Which checkpoints.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// After this position.
    after: Option<i64>,
    /// At most so many: 100 when absent, 10000 at most.
    limit: Option<usize>,
}

/// Signed checkpoints and the keys that signed them.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerCheckpoints {
    /// The checkpoints, oldest first.
    #[schema(value_type = Vec<LedgerCheckpoint>)]
    checkpoints: Vec<Checkpoint>,
    /// All public keys, oldest first. Keep them elsewhere: they find a record that was rewritten as a whole.
    #[schema(value_type = Vec<LedgerKey>)]
    keys: Vec<KeyRecord>,
}

/// A signed statement of what the record held. All hashes, keys and signatures are hexadecimal.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerCheckpoint {
    /// The last event it covers.
    position: i64,
    /// The chain's hash there.
    hash: String,
    /// Root of the Merkle tree (RFC 6962) over the hashes of events 1 to `position`.
    root: String,
    /// When it was made.
    time: chrono::DateTime<chrono::Utc>,
    /// The key that signed it.
    key_id: String,
    /// Ed25519 signature.
    signature: String,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerKey {
    /// The first 16 hexadecimal digits of its SHA-256.
    key_id: String,
    /// The public key.
    public_key: String,
    /// When it came into force.
    valid_from: chrono::DateTime<chrono::Utc>,
    /// When it went out of force; null while it is in force.
    valid_until: Option<chrono::DateTime<chrono::Utc>>,
    /// The key it took over from.
    predecessor: Option<String>,
    /// Its own signature of itself.
    signature: String,
    /// The predecessor's signature of it.
    endorsement: Option<String>,
}

/// Signed checkpoints, oldest first, and the public keys.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/checkpoints",
    tag = "Ledger",
    params(Parameters),
    responses(
        (status = 200, body = LedgerCheckpoints),
        (status = 400, description = "A parameter is invalid.", body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    )
)]
pub async fn list_ledger_checkpoints(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    Query(parameters): Query<Parameters>,
) -> Result<Json<LedgerCheckpoints>, ApiError> {
    super::permit(&caller)?;
    let reader = state.services.reader();
    let after = Position(parameters.after.unwrap_or_default());
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT).min(LIMIT_MAX);
    Ok(Json(LedgerCheckpoints {
        checkpoints: reader.checkpoints(after, limit).await?,
        keys: reader.signing_keys().await?,
    }))
}
