//! Is it alive, is it ready.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chancery_ledger::Access;
use chancery_operations::Failure;
use chancery_projections::State as ProjectionState;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::json::Json;
use super::base::outage;
use super::base::state::AppState;

/// Health routes.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = String, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether requests will be answered, and what keeps them from it.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// True when everything works.
    ready: bool,
    /// Whether PostgreSQL answers.
    database: bool,
    /// Why nothing can be recorded though PostgreSQL answers; null while it can.
    read_only: Option<&'static str>,
    /// Projections stopped by an event they cannot apply. Their routes are degraded; the server is ready all the same.
    stopped_projections: Vec<String>,
    /// How often, since the server started, the database lacked events that had been recorded: after a failover to a standby
    /// that had not received them, or an older copy restored.
    history_losses: u64,
    /// Why the record of events is not signed, or not any more; null while it is. The server is ready all the same.
    unsigned: Option<String>,
}

/// PostgreSQL answers, takes what is recorded, and the projections run.
#[utoipa::path(
    get,
    path = "/readyz",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness))
)]
async fn readyz(State(state): State<AppState>) -> Response {
    let mut readiness = Readiness {
        ready: false,
        database: false,
        read_only: None,
        stopped_projections: Vec::new(),
        history_losses: state.services.history_losses(),
        unsigned: state.integrity.report().problem().map(str::to_owned),
    };
    match look(&state, &mut readiness).await {
        Ok(()) => readiness.ready = readiness.read_only.is_none(),
        Err(failure) => outage::met(&failure),
    }
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

async fn look(state: &AppState, readiness: &mut Readiness) -> Result<(), Failure> {
    readiness.read_only = match state.services.access().await? {
        Access::Full => None,
        Access::ReadOnly => Some("PostgreSQL is set to be read only."),
        Access::Standby => Some("PostgreSQL is a standby."),
    };
    readiness.database = true;
    if readiness.read_only.is_some() {
        return Ok(());
    }
    let projections = state.services.projections().await;
    readiness.database = projections.is_ok();
    let stopped = projections?
        .into_iter()
        .filter(|projection| matches!(projection.state, ProjectionState::Stopped));
    readiness.stopped_projections = stopped.map(|stopped| stopped.name.to_string()).collect();
    Ok(())
}
