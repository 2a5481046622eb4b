//! Reading recorded events.

use chancery_ledger::RecordedEvent;
use chancery_noun::Id;
use serde::de::DeserializeOwned;

use crate::engine::ApplyError;

/// The payload as a typed event.
pub(crate) fn decode<E: DeserializeOwned>(event: &RecordedEvent) -> Result<E, ApplyError> {
    event
        .decode()
        .map_err(|error| ApplyError::decode(event, &error))
}

/// The id of the event's stream, where streams are named by UUIDs.
pub(crate) fn stream_id<N>(event: &RecordedEvent) -> Result<Id<N>, ApplyError> {
    event.aggregate_id.parse().map_err(|_| {
        ApplyError::event(
            event,
            format!("the stream's id {:?} is not a UUID", event.aggregate_id),
        )
    })
}
