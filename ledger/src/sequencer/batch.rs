//! The call of `ledger_append`: appends to arrays, and its answer back to outcomes.

use std::collections::HashMap;

use chancery_noun::UniqueKey;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::append::Append;

const APPEND: &str = include_str!("../sql/append.sql");

/// What became of one append of a batch.
pub(super) enum Outcome {
    Appended(Place),
    Conflict,
    KeyTaken(String),
    KeyNotHeld(String),
}

/// Where an append's events are.
pub(super) struct Place {
    pub first: i64,
    pub recorded_at: DateTime<Utc>,
    pub hashes: Vec<[u8; 32]>,
}

#[derive(Default)]
struct Arrays<'a> {
    append_ids: Vec<Uuid>,
    given_at: Vec<DateTime<Utc>>,
    stream_append: Vec<i32>,
    stream_type: Vec<&'a str>,
    stream_id: Vec<&'a str>,
    stream_sequence: Vec<i64>,
    event_append: Vec<i32>,
    event_stream_type: Vec<&'a str>,
    event_stream_id: Vec<&'a str>,
    event_sequence: Vec<i64>,
    event_type: Vec<&'a str>,
    event_version: Vec<&'a str>,
    event_payload: Vec<&'a str>,
    event_metadata: Vec<&'a str>,
    event_contents: Vec<u8>,
    keys: Vec<&'a str>,
    key_append: Vec<i32>,
    change_key: Vec<i32>,
    change_action: Vec<i16>,
    change_type: Vec<&'a str>,
    change_id: Vec<&'a str>,
}

impl<'a> Arrays<'a> {
    fn of(batch: &[&'a Append]) -> Self {
        let mut arrays = Self::default();
        let mut key_numbers = HashMap::new();
        for (number, append) in (1..).zip(batch) {
            arrays.append_ids.push(append.id);
            arrays.given_at.push(append.given_at);
            for stream in &append.expected {
                arrays.stream_append.push(number);
                arrays.stream_type.push(&stream.aggregate_type);
                arrays.stream_id.push(&stream.aggregate_id);
                arrays.stream_sequence.push(stream.sequence);
            }
            for draft in &append.events {
                arrays.event_append.push(number);
                arrays.event_stream_type.push(&draft.event.aggregate_type);
                arrays.event_stream_id.push(&draft.event.aggregate_id);
                arrays.event_sequence.push(draft.event.sequence);
                arrays.event_type.push(&draft.event.event_type);
                arrays.event_version.push(&draft.event.event_version);
                arrays.event_payload.push(&draft.payload);
                arrays.event_metadata.push(&append.metadata_text);
                arrays.event_contents.extend_from_slice(&draft.content);
            }
            for key in &append.keys {
                let (action, text) = match &key.change {
                    UniqueKey::Take(key) => (1, key),
                    UniqueKey::Free(key) => (2, key),
                    UniqueKey::Seize(key) => (3, key),
                    UniqueKey::Require(key) => (4, key),
                };
                let key_number = *key_numbers.entry(text.as_str()).or_insert_with(|| {
                    arrays.keys.push(text);
                    arrays.key_append.push(number);
                    i32::try_from(arrays.keys.len()).unwrap_or(i32::MAX)
                });
                arrays.change_key.push(key_number);
                arrays.change_action.push(action);
                arrays.change_type.push(&key.aggregate_type);
                arrays.change_id.push(&key.aggregate_id);
            }
        }
        arrays
    }
}

pub(super) async fn call(
    connection: &mut PgConnection,
    batch: &[&Append],
) -> Result<Vec<Outcome>, sqlx::Error> {
    let arrays = Arrays::of(batch);
    let row = sqlx::query(APPEND)
        .bind(&arrays.append_ids)
        .bind(&arrays.given_at)
        .bind(&arrays.stream_append)
        .bind(&arrays.stream_type)
        .bind(&arrays.stream_id)
        .bind(&arrays.stream_sequence)
        .bind(&arrays.event_append)
        .bind(&arrays.event_stream_type)
        .bind(&arrays.event_stream_id)
        .bind(&arrays.event_sequence)
        .bind(&arrays.event_type)
        .bind(&arrays.event_version)
        .bind(&arrays.event_payload)
        .bind(&arrays.event_metadata)
        .bind(&arrays.event_contents)
        .bind(&arrays.keys)
        .bind(&arrays.key_append)
        .bind(&arrays.change_key)
        .bind(&arrays.change_action)
        .bind(&arrays.change_type)
        .bind(&arrays.change_id)
        .fetch_one(connection)
        .await?;
    let status: Vec<i16> = row.try_get("status")?;
    let status_key: Vec<Option<String>> = row.try_get("status_key")?;
    let first_position: Vec<Option<i64>> = row.try_get("first_position")?;
    let recorded_at: Vec<Option<DateTime<Utc>>> = row.try_get("recorded_at")?;
    let hashes: &[u8] = row.try_get("hashes")?;
    let (hashes, _) = hashes.as_chunks::<32>();
    let mut hashes = hashes.iter().copied();

    batch
        .iter()
        .enumerate()
        .map(|(n, append)| {
            let key = || status_key.get(n).cloned().flatten().unwrap_or_default();
            match status.get(n) {
                Some(0) => {
                    let first = first_position.get(n).copied().flatten();
                    let recorded_at = recorded_at.get(n).copied().flatten();
                    let hashes: Vec<_> = hashes.by_ref().take(append.events.len()).collect();
                    match (first, recorded_at) {
                        (Some(first), Some(recorded_at)) if hashes.len() == append.events.len() => {
                            Ok(Outcome::Appended(Place {
                                first,
                                recorded_at,
                                hashes,
                            }))
                        }
                        _ => Err(unexpected()),
                    }
                }
                Some(1) => Ok(Outcome::Conflict),
                Some(2) => Ok(Outcome::KeyTaken(key())),
                Some(3) => Ok(Outcome::KeyNotHeld(key())),
                _ => Err(unexpected()),
            }
        })
        .collect()
}

fn unexpected() -> sqlx::Error {
    sqlx::Error::Protocol("ledger_append gave an answer of another version".to_owned())
}
