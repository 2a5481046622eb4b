//! The counters, on a listener of their own: they tell how busy the server is, which is nobody else's business.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chancery_ledger::Access;
use chancery_projections::State as ProjectionState;

use super::base::{ApiError, AppState};
use crate::metrics;

/// `/metrics`, in the `OpenMetrics` text format that Prometheus reads.
pub fn router(state: AppState) -> Router {
    Router::new().route("/metrics", get(show)).with_state(state)
}

async fn show(State(state): State<AppState>) -> Result<Response, ApiError> {
    let access = state.services.access().await;
    let is_writable = access.is_ok_and(|access| access == Access::Full);
    state.metrics.database_writable(is_writable);
    state.metrics.ledger_at(state.services.head().0);
    state.metrics.history_lost(state.services.history_losses());
    state.metrics.swaps_lost(state.services.lost_swaps());
    let report = state.integrity.report();
    let signed = report.checkpoint.as_ref().map(|signed| signed.position.0);
    state
        .metrics
        .ledger_signed(report.problem().is_none(), report.altered.is_some(), signed);
    // Without the database the gauges stay at what was last known; the counters matter all the more then.
    if let Ok(projections) = state.services.projections().await {
        for projection in projections {
            let failed = matches!(projection.state, ProjectionState::Stopped);
            let name = projection.name.as_str();
            state
                .metrics
                .projection_at(name, projection.position.0, failed);
        }
    }
    let text = state
        .metrics
        .render()
        .map_err(|error| ApiError::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}
