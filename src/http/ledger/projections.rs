use axum::extract::State;
use chancery_projections::ProjectionStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::base::{ApiError, AppState, Json, ReadRefusal, SignedIn};

/// How a read model stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerProjection {
    /// Its name.
    name: &'static str,
    /// `live`, `catching_up`, `rebuilding` or `stopped`.
    state: &'static str,
    /// Everything up to this position is in it.
    position: i64,
    /// Events recorded after that.
    lag: i64,
    /// Seconds since the first event that is not in it was recorded; 0 when everything is.
    lag_seconds: f64,
    /// Version of its tables.
    version: i32,
    /// Version of the program's code; where it differs, a rebuild is under way.
    program_version: i32,
    /// Where a running rebuild stands.
    rebuild_position: Option<i64>,
    /// The event at which it stopped.
    error: Option<LedgerProjectionError>,
}

/// The event at which a read model stopped.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerProjectionError {
    /// Its position.
    position: i64,
    /// `<aggregate type>/<event type>`.
    event: String,
    /// Why it cannot be applied.
    message: String,
}

/// How the read models stand.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/projections",
    responses(
        (status = 200, body = [LedgerProjection]),
        ReadRefusal,
    )
)]
pub async fn list_ledger_projections(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
) -> Result<Json<Vec<LedgerProjection>>, ApiError> {
    super::permit(&caller)?;
    let reader = state.services.reader();
    let now = state.services.clock().now();
    let mut projections = Vec::new();
    for status in state.services.projections().await? {
        let lag_seconds = crate::record::lag_seconds(&reader, &status, now).await?;
        projections.push(model(status, lag_seconds));
    }
    Ok(Json(projections))
}

fn model(status: ProjectionStatus, lag_seconds: f64) -> LedgerProjection {
    LedgerProjection {
        name: status.name.as_str(),
        state: status.state.as_str(),
        position: status.position.0,
        lag: status.lag,
        lag_seconds,
        version: status.version,
        program_version: status.program_version,
        rebuild_position: status.rebuild.map(|position| position.0),
        error: status.error.map(|error| LedgerProjectionError {
            position: error.position.0,
            event: error.event,
            message: error.message,
        }),
    }
}
