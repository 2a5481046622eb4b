//! The record of events, for owners and auditors: what happened, what was true, and what proves it.

mod checkpoints;
mod event;
mod events;
mod log;
mod projections;
mod proof;
mod stream;
mod verification;

use axum::routing::get;
use chancery_operations::Caller;
use chancery_operations::policy::Resource;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::{ApiError, AppState};

/// The routes under `/api/v2/ledger`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(events::list_ledger_events))
        .routes(routes!(event::get_ledger_event))
        .routes(routes!(proof::get_ledger_proof))
        .routes(routes!(stream::get_ledger_stream))
        .routes(routes!(checkpoints::list_ledger_checkpoints))
        .routes(routes!(log::get_ledger_log_checkpoint))
        // OpenAPI has no paths with a variable number of elements.
        .route(log::TILES, get(log::get_ledger_log_tile))
        .routes(routes!(verification::get_ledger_verification))
        .routes(routes!(projections::list_ledger_projections))
}

/// The record is the audit trail: who may read the one may read the other.
fn permit(caller: &Caller) -> Result<(), ApiError> {
    Ok(caller.sees(Resource::Audit)?)
}

/// A position of a path.
fn position(text: &str) -> Result<chancery_ledger::Position, ApiError> {
    text.parse()
        .ok()
        .filter(|position| *position >= 1)
        .map(chancery_ledger::Position)
        .ok_or_else(|| ApiError::bad_request("The position must be a whole number from 1 on."))
}
