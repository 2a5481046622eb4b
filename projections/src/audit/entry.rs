//! Rows of `audit_entries`.

use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;
use uuid::{Builder, Uuid};

use super::describe::Attempt;
use super::resources::ResourceRef;
use crate::copy::{Rows, Sending};

const COLUMNS: i16 = 21;

/// What an entry says beside its event.
pub(super) struct Entry<'a> {
    pub(super) resource: &'a ResourceRef,
    pub(super) resource_id: Uuid,
    pub(super) target: &'a str,
    pub(super) icon: &'a str,
    /// In the short form.
    pub(super) diff: &'a str,
    pub(super) attempt: &'a Attempt,
    /// Whose action it is when the event's metadata names no user.
    pub(super) user_id: Option<Uuid>,
    pub(super) organization_id: Option<Uuid>,
}

/// Begins to write entries.
pub(super) async fn begin(connection: &mut PgConnection) -> Result<Sending<'_>, sqlx::Error> {
    Sending::begin(include_str!("sql/copy_entries.sql"), COLUMNS, connection).await
}

impl Entry<'_> {
    /// Adds the entry of an event.
    pub(super) fn put(&self, event: &RecordedEvent, rows: &mut Rows) {
        let metadata = &event.metadata;
        let parsed = |id: &Option<String>| id.as_deref().and_then(|id| id.parse::<Uuid>().ok());
        let acting = (metadata.actor_kind.as_deref() == Some("user"))
            .then(|| parsed(&metadata.actor_id))
            .flatten();
        rows.begin()
            .put(event.position.0)
            .put(entry_id(event))
            .put(event.recorded_at)
            .put(parsed(&metadata.request_id))
            .put(&metadata.actor_kind)
            .put(&metadata.actor_id)
            .put(&metadata.actor_name)
            .put(&metadata.on_behalf_of)
            .put(acting.or(self.user_id))
            .put(metadata.client_address.as_deref().unwrap_or_default())
            .put(metadata.user_agent.as_deref().unwrap_or_default())
            .put(self.resource.kind.name)
            .put(&self.resource.key)
            .put(self.resource_id)
            .put(self.target)
            .put(self.icon)
            .put(self.attempt.action)
            .put(self.attempt.status_code)
            .put(self.diff)
            .put_json(&self.attempt.additional_fields)
            .put(self.organization_id);
    }
}

/// The first half of the event's hash, which is as unique as its position and cannot be made up.
fn entry_id(event: &RecordedEvent) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&event.hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}
