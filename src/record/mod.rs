//! Recorded events as they are shown, by the command line and over HTTP alike: without the hashes of secrets.

mod diff;
mod event;

use chancery_ledger::{LedgerReader, ReadError, Replay, Step};
use chancery_projections::ProjectionStatus;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use chancery_projections::difference::redacted;
pub use diff::{Change, changes};
pub use event::{ShownEvent, actor};

/// What is known of a stream after an event: `state`, and `recorded`, the last recorded value of every field.
pub fn known(step: &Step) -> Value {
    json!({"recorded": step.recorded, "state": step.state})
}

/// What is known of a stream before its first event.
pub fn unknown(replay: &Replay) -> Value {
    json!({"recorded": {}, "state": replay.initial})
}

/// What the event of this index in a replayed stream changed.
pub fn changes_of(replay: &Replay, index: usize) -> Vec<Change> {
    let Some(step) = replay.steps.get(index) else {
        return Vec::new();
    };
    let before = index
        .checked_sub(1)
        .and_then(|before| replay.steps.get(before));
    changes_between(before, Some(step))
}

/// The fields in which a stream after one event differs from the stream after another; `None`: before its first event. What
/// is deleted has no fields.
pub fn changes_between(before: Option<&Step>, after: Option<&Step>) -> Vec<Change> {
    let fields = |step: Option<&Step>| {
        let state = step.map(|step| &step.state);
        state
            .filter(|state| state.is_object())
            .cloned()
            .unwrap_or_default()
    };
    changes(&fields(before), &fields(after))
}

/// How long ago the first event was recorded that a projection does not reflect, in seconds; 0 when there is none.
pub async fn lag_seconds(
    reader: &LedgerReader,
    status: &ProjectionStatus,
    now: DateTime<Utc>,
) -> Result<f64, ReadError> {
    if status.lag == 0 {
        return Ok(0.0);
    }
    let waiting = reader.event(status.position.next()).await?;
    Ok(waiting.map_or(0.0, |event| {
        (now - event.recorded_at).as_seconds_f64().max(0.0)
    }))
}
