use axum::extract::{Path, State};
use chancery_ledger::Position;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, AppState, Json, ReadRefusal, SignedIn};
use crate::record::{Change, ShownEvent, changes_of, known, redacted, unknown};

/// A stream replayed.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerStream {
    /// `<aggregate type>/<id>`.
    stream: String,
    /// What it was after the last of the events: an object, or one word such as `Deleted`.
    #[schema(value_type = Value)]
    state: Value,
    /// Every field as it was last recorded, also of what is deleted.
    #[schema(value_type = Object)]
    recorded: Value,
    /// The events, oldest first.
    history: Vec<LedgerStep>,
}

/// An event and what it changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerStep {
    /// The event.
    event: ShownEvent,
    /// What it changed.
    changes: Vec<Change>,
}

/// The history of one stream, and its state then.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/streams/{type}/{id}",
    params(
        ("type" = String, Path, description = "Kind of the stream, such as `oauth2_app`."),
        ("id" = String, Path, description = "Name of the stream."),
        ("as_of" = Option<String>, Query, description = "Up to this position, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, body = LedgerStream),
        ReadRefusal,
    )
)]
pub async fn get_ledger_stream(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<LedgerStream>, ApiError> {
    super::permit(&caller)?;
    let until = as_of.unwrap_or(Position(i64::MAX));
    let replay = state.services.reader().replay(&kind, &id, until).await?;
    let last = replay.steps.last();
    let known = redacted(&last.map_or_else(|| unknown(&replay), known));
    let history = replay
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| LedgerStep {
            event: ShownEvent::from(&step.event),
            changes: changes_of(&replay, index),
        });
    Ok(Json(LedgerStream {
        stream: format!("{kind}/{id}"),
        state: known["state"].clone(),
        recorded: known["recorded"].clone(),
        history: history.collect(),
    }))
}
