//! An event as a line. There is one way to write an event, so that any other byte is found.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::canonical::Content;
use crate::chain::Entry;
use crate::verify::Link;
use crate::{Position, ReadError, reader};

/// The members of a line, in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    position: Position,
    recorded_at: DateTime<Utc>,
    append_id: Uuid,
    #[serde(borrow)]
    aggregate_type: Cow<'a, str>,
    #[serde(borrow)]
    aggregate_id: Cow<'a, str>,
    sequence: i64,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    event_version: Cow<'a, str>,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(with = "hex::serde")]
    hash: [u8; 32],
}

/// Appends the line of a row of `read.sql`, with its line feed; tells its position.
pub(super) fn append(row: &PgRow, out: &mut Vec<u8>) -> Result<Position, ReadError> {
    let raw = reader::raw(row)?;
    let content = &raw.content;
    let json = [content.payload, content.metadata].map(on_one_line);
    let malformed = |error: serde_json::Error| raw.malformed(error.to_string());
    let line = Line {
        position: raw.position,
        recorded_at: raw.recorded_at,
        append_id: content.append_id,
        aggregate_type: content.aggregate_type.into(),
        aggregate_id: content.aggregate_id.into(),
        sequence: content.sequence,
        event_type: content.event_type.into(),
        event_version: content.event_version.into(),
        payload: serde_json::from_str(&json[0]).map_err(malformed)?,
        metadata: serde_json::from_str(&json[1]).map_err(malformed)?,
        hash: raw.hash()?,
    };
    serde_json::to_writer(&mut *out, &line).map_err(malformed)?;
    out.push(b'\n');
    Ok(raw.position)
}

/// Recorded JSON has no line feeds; in JSON that was changed since, spaces in their place leave it the same and wrong.
fn on_one_line(json: &str) -> Cow<'_, str> {
    if json.contains('\n') {
        json.replace('\n', " ").into()
    } else {
        json.into()
    }
}

/// What the chain needs of a line without its line feed; `again` is room to work in.
pub(super) fn link(line: &[u8], again: &mut Vec<u8>) -> Result<Link, String> {
    let event: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    again.clear();
    serde_json::to_writer(&mut *again, &event).map_err(|error| error.to_string())?;
    if again != line {
        return Err("it is not written the way exports are".to_owned());
    }
    let content = Content {
        append_id: event.append_id,
        aggregate_type: &event.aggregate_type,
        aggregate_id: &event.aggregate_id,
        sequence: event.sequence,
        event_type: &event.event_type,
        event_version: &event.event_version,
        payload: event.payload.get(),
        metadata: event.metadata.get(),
    };
    Ok(Link {
        position: event.position,
        entry: Entry::new(event.position.0, event.recorded_at, &content.digest()),
        hash: event.hash,
    })
}
