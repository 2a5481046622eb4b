use chancery_ledger::{EventMetadata, RecordedEvent};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::redacted;

/// An event as JSON: in its current version, without the hashes of secrets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownEvent {
    /// Place in the log.
    pub position: i64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// `<aggregate type>/<id>`.
    pub stream: String,
    /// Place in the stream.
    pub sequence: i64,
    /// `<aggregate type>/<event type>`.
    pub event: String,
    /// Version of the payload's shape.
    pub event_version: String,
    /// What it was recorded together with.
    pub append_id: Uuid,
    /// The event itself.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// Who, from where, in which request.
    #[schema(value_type = HashMap<String, String>)]
    pub metadata: EventMetadata,
    /// Its link of the chain.
    pub hash: String,
}

impl From<&RecordedEvent> for ShownEvent {
    fn from(event: &RecordedEvent) -> Self {
        let mut payload = redacted(&event.payload);
        // The type is said already.
        if let Value::Object(members) = &mut payload {
            members.remove("type");
        }
        Self {
            position: event.position.0,
            recorded_at: event.recorded_at,
            stream: format!("{}/{}", event.aggregate_type, event.aggregate_id),
            sequence: event.sequence,
            event: format!("{}/{}", event.aggregate_type, event.event_type),
            event_version: event.event_version.clone(),
            append_id: event.append_id,
            payload,
            metadata: event.metadata.clone(),
            hash: hex::encode(event.hash),
        }
    }
}

/// Who acted: a name, or an id, or what kind of actor.
pub fn actor(metadata: &EventMetadata) -> String {
    let kind = metadata.actor_kind.as_deref().unwrap_or("unknown");
    let name = metadata
        .actor_name
        .as_deref()
        .or(metadata.actor_id.as_deref());
    match (kind, name) {
        ("user", Some(name)) => name.to_owned(),
        (kind, Some(name)) => format!("{kind} {name}"),
        (kind, None) => kind.to_owned(),
    }
}
