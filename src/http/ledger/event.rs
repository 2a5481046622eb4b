use axum::extract::{Path, State};
use chancery_ledger::Position;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::base::{ApiError, AppState, Json, ReadRefusal, SignedIn};
use crate::record::{Change, ShownEvent, changes_of};

/// An event and its place.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEvent {
    /// The event.
    event: ShownEvent,
    /// What it changed in its stream.
    changes: Vec<Change>,
    /// Position of the event before it in its stream.
    previous: Option<i64>,
    /// Position of the event after it in its stream.
    next: Option<i64>,
}

/// One event, with what it changed and its neighbours in its stream.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/events/{position}",
    params(("position" = i64, Path, description = "Place in the record, from 1.")),
    responses(
        (status = 200, body = LedgerEvent),
        ReadRefusal,
    )
)]
pub async fn get_ledger_event(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    Path(position): Path<String>,
) -> Result<Json<LedgerEvent>, ApiError> {
    super::permit(&caller)?;
    let position = super::position(&position)?;
    let reader = state.services.reader();
    let event = reader
        .event(position)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let stream = reader
        .replay(
            &event.aggregate_type,
            &event.aggregate_id,
            Position(i64::MAX),
        )
        .await?;
    let index = stream
        .steps
        .partition_point(|step| step.event.position < position);
    let at = |index: Option<usize>| {
        let step = stream.steps.get(index?)?;
        Some(step.event.position.0)
    };
    Ok(Json(LedgerEvent {
        changes: changes_of(&stream, index),
        previous: at(index.checked_sub(1)),
        next: at(index.checked_add(1)),
        event: ShownEvent::from(&event),
    }))
}
