//! An event as it is shown.

use chancery_ledger::{EventMetadata, RecordedEvent};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::diff::redacted;
use super::output::{Paint, clean};

/// An event as JSON: in its current version, without the hashes of secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Decoded {
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
    pub payload: Value,
    /// Who, from where, in which request.
    pub metadata: EventMetadata,
    /// Its link of the chain.
    pub hash: String,
}

impl From<&RecordedEvent> for Decoded {
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

/// A time as it is shown.
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Who acted: a name, or an id, or what kind of actor.
pub fn actor(metadata: &EventMetadata) -> String {
    let kind = metadata.actor_kind.as_deref().unwrap_or("unknown");
    let name = metadata
        .actor_name
        .as_deref()
        .or(metadata.actor_id.as_deref());
    let text = match (kind, name) {
        ("user", Some(name)) => name.to_owned(),
        (kind, Some(name)) => format!("{kind} {name}"),
        (kind, None) => kind.to_owned(),
    };
    clean(&text)
}

impl Decoded {
    /// The event as a line of a table.
    pub fn row(&self, paint: Paint) -> String {
        let client = self.metadata.client_address.as_deref().unwrap_or("-");
        format!(
            "{} {} {} {} {} {}",
            paint.yellow(&format!("{:>9}", self.position)),
            paint.dim(&time(self.recorded_at)),
            paint.cyan(&padded(&actor(&self.metadata), 20)),
            paint.bold(&padded(&clean(&self.event), 42)),
            padded(&clean(client), 15),
            clean(&self.stream),
        )
    }
}

/// The heading of [`Decoded::row`]s.
pub fn heading(paint: Paint) -> String {
    let text = format!(
        "{:>9} {:<24} {:<20} {:<42} {:<15} {}",
        "POSITION", "TIME", "ACTOR", "EVENT", "CLIENT", "STREAM"
    );
    paint.dim(&text)
}

fn padded(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length > width {
        let cut: String = text.chars().take(width - 1).collect();
        return format!("{cut}\u{2026}");
    }
    format!("{text}{}", " ".repeat(width - length))
}
