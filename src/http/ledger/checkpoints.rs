use axum::extract::State;
use chancery_ledger::{KeyRecord, ListedCheckpoint, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::base::{ApiError, AppState, ErrorBody, Json, Query, SignedIn};

const DEFAULT_LIMIT: usize = 100;
const LIMIT_MAX: usize = 10_000;

/// Which checkpoints.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
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
    checkpoints: Vec<ListedCheckpoint>,
    /// All public keys, oldest first. Keep them elsewhere: they find a record that was rewritten as a whole.
    #[schema(value_type = Vec<LedgerKey>)]
    keys: Vec<KeyRecord>,
}

/// A signed statement of what the record held.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerCheckpoint {
    /// The last event it covers.
    position: i64,
    /// The checkpoint: a signed note (C2SP tlog-checkpoint).
    note: String,
    /// When it was made. Not signed.
    made_at: chrono::DateTime<chrono::Utc>,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerKey {
    /// The public key: a verifier key of C2SP signed-note.
    public_key: String,
    /// It signs checkpoints of later positions than this.
    after: i64,
    /// The key it took over from.
    predecessor: Option<String>,
    /// A signed note that says so, signed by the key and by its predecessor.
    statement: String,
}

/// Signed checkpoints, oldest first, and the public keys.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/checkpoints",
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
