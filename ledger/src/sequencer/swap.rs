//! The append as a compare-and-swap of the head: one statement, decided on beforehand.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::append::Append;
use super::plan::{KeyFate, Plan};
use crate::StreamName;

const APPEND_IF_HEAD: &str = include_str!("../sql/append_if_head.sql");

#[derive(Default)]
struct Events<'a> {
    stream_type: Vec<&'a str>,
    stream_id: Vec<&'a str>,
    sequence: Vec<i64>,
    event_type: Vec<&'a str>,
    event_version: Vec<&'a str>,
    payload: Vec<&'a str>,
    metadata: Vec<&'a str>,
    append_id: Vec<Uuid>,
    recorded_at: Vec<DateTime<Utc>>,
    hash: Vec<&'a [u8]>,
}

impl<'a> Events<'a> {
    fn of(batch: &[&'a Append], plan: &'a Plan) -> Self {
        let mut events = Self::default();
        for (append, place) in batch.iter().zip(&plan.places) {
            for (draft, hash) in append.events.iter().zip(&place.hashes) {
                events.stream_type.push(&draft.event.aggregate_type);
                events.stream_id.push(&draft.event.aggregate_id);
                events.sequence.push(draft.event.sequence);
                events.event_type.push(&draft.event.event_type);
                events.event_version.push(&draft.event.event_version);
                events.payload.push(&draft.payload);
                events.metadata.push(&append.metadata_text);
                events.append_id.push(append.id);
                events.recorded_at.push(place.recorded_at);
                events.hash.push(hash);
            }
        }
        events
    }
}

/// Keys and who is to hold them.
#[derive(Default)]
struct Holders<'a> {
    key: Vec<&'a str>,
    stream_type: Vec<&'a str>,
    stream_id: Vec<&'a str>,
}

impl<'a> Holders<'a> {
    fn push(&mut self, key: &'a str, stream: &'a StreamName) {
        self.key.push(key);
        self.stream_type.push(&stream.aggregate_type);
        self.stream_id.push(&stream.aggregate_id);
    }
}

/// Makes the plan's appends if the head is the one it was made on; tells whether it was.
///
/// # Errors
/// A unique violation (SQLSTATE 23505): something believed to be new was there. Nothing was appended.
pub(super) async fn call(
    connection: &mut PgConnection,
    batch: &[&Append],
    plan: &Plan,
) -> Result<bool, sqlx::Error> {
    let events = Events::of(batch, plan);
    let mut freed: Vec<&str> = Vec::new();
    let (mut taken, mut seized) = (Holders::default(), Holders::default());
    for (key, fate) in &plan.keys {
        match fate {
            KeyFate::Freed => freed.push(key),
            KeyFate::Taken(stream) => taken.push(key, stream),
            KeyFate::Seized(stream) => seized.push(key, stream),
        }
    }
    sqlx::query_scalar(APPEND_IF_HEAD)
        .bind(plan.before.position.0)
        .bind(&plan.before.hash[..])
        .bind(plan.after.position.0)
        .bind(&plan.after.hash[..])
        .bind(plan.after.recorded_at)
        .bind(&events.stream_type)
        .bind(&events.stream_id)
        .bind(&events.sequence)
        .bind(&events.event_type)
        .bind(&events.event_version)
        .bind(&events.payload)
        .bind(&events.metadata)
        .bind(&events.append_id)
        .bind(&events.recorded_at)
        .bind(&events.hash)
        .bind(&freed)
        .bind(&taken.key)
        .bind(&taken.stream_type)
        .bind(&taken.stream_id)
        .bind(&seized.key)
        .bind(&seized.stream_type)
        .bind(&seized.stream_id)
        .fetch_one(connection)
        .await
}
