//! The counters, on a listener of their own: they tell how busy the server is, which is nobody else's business.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chancery_ledger::Access;
use chancery_projections::State as ProjectionState;

use super::base::{ApiError, AppState};
use crate::metrics::{self, ProjectionStanding};
use crate::record::lag_seconds;

/// `/metrics`, in the `OpenMetrics` text format that Prometheus reads.
pub fn router(state: AppState) -> Router {
    Router::new().route("/metrics", get(show)).with_state(state)
}

async fn show(State(state): State<AppState>) -> Result<Response, ApiError> {
    let (services, standing) = (&state.services, state.metrics.standing());
    standing.connections(state.connections.open_count());
    standing.ledger(
        services.head().0,
        services.history_losses(),
        services.lost_swaps(),
    );
    standing.integrity(&state.integrity.report());
    for pool in services.pools() {
        standing.pool(&pool);
    }
    let access = services.access().await;
    standing.database_writable(access.is_ok_and(|access| access == Access::Full));
    // Without the database the gauges stay at what was last known; the counters matter all the more then.
    if let Ok(projections) = services.projections().await {
        let (reader, now) = (services.reader(), services.clock().now());
        for projection in projections {
            let Ok(lag_seconds) = lag_seconds(&reader, &projection, now).await else {
                break;
            };
            standing.projection(
                projection.name.as_str(),
                &ProjectionStanding {
                    position: projection.position.0,
                    lag_seconds,
                    rebuild: projection.rebuild.map(|position| position.0),
                    is_stopped: matches!(projection.state, ProjectionState::Stopped),
                },
            );
        }
    }
    let text = state
        .metrics
        .render()
        .map_err(|error| ApiError::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}
