//! Reads what is not known, each time together with the head at which it is so.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, PgPool, Row};

use super::{Head, LookError, Stream, StreamName};
use crate::{LedgerReader, Position, reader};

const HEAD: &str = include_str!("../sql/head_row.sql");
const HASH_AT: &str = include_str!("../sql/hash_at.sql");
const STREAMS: &str = include_str!("../sql/streams_at_head.sql");
const HOLDERS: &str = include_str!("../sql/holders_at_head.sql");
const FAMILIES: &str = include_str!("../sql/families_at_head.sql");

/// The last event in the database.
pub(super) async fn head(executor: impl PgExecutor<'_>) -> Result<Head, LookError> {
    head_of(&sqlx::query(HEAD).fetch_one(executor).await?)
}

/// The hash of the event at a position; `None`: there is no such event.
pub(super) async fn hash_at(
    pool: &PgPool,
    position: Position,
) -> Result<Option<[u8; 32]>, LookError> {
    let row = sqlx::query(HASH_AT)
        .bind(position.0)
        .fetch_optional(pool)
        .await?;
    row.map(|row| hash(&row, "hash")).transpose()
}

/// A stream, or why it cannot be read: one of an event that this program does not know, for example.
pub(super) type Read = Result<Stream, LookError>;

/// The streams, in the order of their names; those that do not exist in their first state. One that cannot be read says nothing of the
/// others.
pub(super) async fn streams(
    reader: &LedgerReader,
    names: &[StreamName],
) -> Result<(Head, Vec<Read>), LookError> {
    let types: Vec<&str> = names.iter().map(|name| &*name.aggregate_type).collect();
    let ids: Vec<&str> = names.iter().map(|name| &*name.aggregate_id).collect();
    let versions: Vec<i64> = names
        .iter()
        .map(|name| reader.types.snapshot_version(&name.aggregate_type))
        .collect();
    let rows = sqlx::query(STREAMS)
        .bind(types)
        .bind(ids)
        .bind(versions)
        .fetch_all(&reader.pool)
        .await?;
    let head = head_of(rows.first().ok_or(sqlx::Error::RowNotFound)?)?;
    let mut streams = Vec::with_capacity(names.len());
    for row in &rows {
        let number: i64 = row.try_get("number")?;
        let index = usize::try_from(number).unwrap_or_default();
        if index > streams.len() {
            let name = names.get(index - 1).ok_or(sqlx::Error::RowNotFound)?;
            streams.push(first(reader, row, name));
        }
        if row.try_get::<Option<i64>, _>("position")?.is_some()
            && let Some(read) = streams.last_mut()
            && let Ok(before) = read
        {
            *read = next(reader, row, before);
        }
    }
    Ok((head, streams))
}

fn next(reader: &LedgerReader, row: &PgRow, before: &Stream) -> Read {
    let event = reader::current(&reader.types, row)?;
    Ok(Stream {
        state: Arc::clone(&before.state).after(&event)?,
        sequence: event.sequence,
    })
}

/// A stream before the events that a row begins: its snapshot, or its very first state.
fn first(reader: &LedgerReader, row: &PgRow, name: &StreamName) -> Read {
    let unknown = || LookError::UnknownType(name.aggregate_type.clone());
    let snapshot: Option<&str> = row.try_get("snapshot")?;
    let state = match snapshot {
        None => reader.types.initial(&name.aggregate_type),
        Some(life) => reader
            .types
            .restore(
                &name.aggregate_type,
                life,
                row.try_get("snapshot_created_at")?,
                row.try_get("snapshot_updated_at")?,
            )
            .transpose()
            .map_err(|error| LookError::Snapshot {
                stream: format!("{}/{}", name.aggregate_type, name.aggregate_id),
                reason: error.to_string(),
            })?,
    };
    Ok(Stream {
        state: state.ok_or_else(unknown)?,
        sequence: row.try_get("snapshot_sequence")?,
    })
}

/// The keys' holders, in the order of the keys.
pub(super) async fn holders(
    pool: &PgPool,
    keys: &[String],
) -> Result<(Head, Vec<Option<StreamName>>), LookError> {
    let rows = sqlx::query(HOLDERS).bind(keys).fetch_all(pool).await?;
    let head = head_of(rows.first().ok_or(sqlx::Error::RowNotFound)?)?;
    let holders = rows.iter().map(holder).collect::<Result<_, _>>()?;
    Ok((head, holders))
}

/// The keys of families with their holders, in the order of the families.
pub(super) async fn families(
    pool: &PgPool,
    families: &[String],
) -> Result<(Head, Vec<BTreeMap<String, StreamName>>), LookError> {
    let rows = sqlx::query(FAMILIES).bind(families).fetch_all(pool).await?;
    let head = head_of(rows.first().ok_or(sqlx::Error::RowNotFound)?)?;
    let mut members = vec![BTreeMap::new(); families.len()];
    for row in &rows {
        let number: i64 = row.try_get("number")?;
        let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
        if let (Some(family), Some(holder)) = (members.get_mut(index), holder(row)?) {
            family.insert(row.try_get("key")?, holder);
        }
    }
    Ok((head, members))
}

fn holder(row: &PgRow) -> Result<Option<StreamName>, sqlx::Error> {
    let aggregate_type: Option<String> = row.try_get("holder_type")?;
    let aggregate_id: Option<String> = row.try_get("holder_id")?;
    Ok(aggregate_type
        .zip(aggregate_id)
        .map(|(aggregate_type, aggregate_id)| StreamName {
            aggregate_type,
            aggregate_id,
        }))
}

fn head_of(row: &PgRow) -> Result<Head, LookError> {
    Ok(Head {
        position: Position(row.try_get("head_position")?),
        hash: hash(row, "head_hash")?,
        recorded_at: row.try_get("head_recorded_at")?,
    })
}

fn hash(row: &PgRow, column: &str) -> Result<[u8; 32], LookError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode(format!("{column} is not 32 bytes long").into()).into())
}
