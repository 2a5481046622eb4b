//! What was, at a position or time.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{LedgerReader, read_rows, stored, upcast};
use crate::{DecodeError, Position, ReadError, RecordedEvent, StoredEvent};

const STREAM_UNTIL: &str = include_str!("../sql/read_stream_until.sql");
const TYPES_UNTIL: &str = include_str!("../sql/read_types_until.sql");
const STREAMS_UNTIL: &str = include_str!("../sql/read_streams_until.sql");
const STREAM_IDS: &str = include_str!("../sql/stream_ids.sql");
const RECORDED_AT: &str = include_str!("../sql/recorded_at.sql");

/// An event, and the state of its stream after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The event, in its current version.
    pub event: RecordedEvent,
    /// What the thing is after it: an object, or `Deleted`.
    pub state: Value,
    /// Every field as the last event that named it has it; so also of what is deleted.
    pub recorded: Map<String, Value>,
}

/// A stream replayed.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The state before the first event: null.
    pub initial: Value,
    /// Every event up to the position asked for; at least one.
    pub steps: Vec<Step>,
}

impl Replay {
    /// The state at a position: after the last event up to it. `None`: the stream began later.
    pub fn at(&self, position: Position) -> Option<&Step> {
        let after = self
            .steps
            .partition_point(|step| step.event.position <= position);
        after.checked_sub(1).and_then(|last| self.steps.get(last))
    }
}

/// Why a stream was not replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There are no such streams.
    #[error("there are no streams of type {0}")]
    UnknownType(String),
    /// There is no such stream.
    #[error("there is no stream {0}/{1}")]
    UnknownStream(String, String),
    /// There was no such stream yet.
    #[error("{stream} did not exist at position {at}: it began at position {began}")]
    NotYet {
        /// `<aggregate type>/<id>`.
        stream: String,
        /// The position asked for.
        at: Position,
        /// Its first event's position.
        began: Position,
    },
    /// An event does not have the shape the noun knows.
    #[error("{error}: {}", error.source)]
    Undecodable {
        /// Which.
        error: DecodeError,
    },
    /// The state cannot be written as JSON.
    #[error("the state cannot be shown: {0}")]
    State(#[from] serde_json::Error),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl LedgerReader {
    /// The event at a position exactly as stored; `None`: there is none.
    pub async fn stored_event(&self, position: Position) -> Result<Option<StoredEvent>, ReadError> {
        let rows = read_rows(&self.pool, Position(position.0.saturating_sub(1)), 1).await?;
        let event = rows.first().map(stored).transpose()?;
        Ok(event.filter(|event| event.position == position))
    }

    /// The event at a position in its current version; `None`: there is none.
    pub async fn event(&self, position: Position) -> Result<Option<RecordedEvent>, ReadError> {
        let event = self.stored_event(position).await?;
        event.map(|event| upcast(&self.types, event)).transpose()
    }

    /// The events of a stream up to a position, in their current versions.
    pub async fn read_stream_until(
        &self,
        aggregate_type: &str,
        id: &str,
        until: Position,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query(STREAM_UNTIL)
            .bind(aggregate_type)
            .bind(id)
            .bind(until.0)
            .fetch_all(&self.pool)
            .await?;
        self.upcast_rows(&rows)
    }

    /// All events of some types of streams up to a position, in order of position. Meant for types of few events: they
    /// are all held in memory.
    pub async fn read_types_until(
        &self,
        aggregate_types: &[&str],
        until: Position,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query(TYPES_UNTIL)
            .bind(aggregate_types)
            .bind(until.0)
            .fetch_all(&self.pool)
            .await?;
        self.upcast_rows(&rows)
    }

    /// All events of some streams, given by type and name, up to a position, in order of position.
    pub async fn read_streams_until(
        &self,
        streams: &[(String, String)],
        until: Position,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let (types, ids): (Vec<&str>, Vec<&str>) = streams
            .iter()
            .map(|(kind, id)| (kind.as_str(), id.as_str()))
            .unzip();
        let rows = sqlx::query(STREAMS_UNTIL)
            .bind(types)
            .bind(ids)
            .bind(until.0)
            .fetch_all(&self.pool)
            .await?;
        self.upcast_rows(&rows)
    }

    pub(super) fn upcast_rows(&self, rows: &[PgRow]) -> Result<Vec<RecordedEvent>, ReadError> {
        rows.iter()
            .map(|row| upcast(&self.types, stored(row)?))
            .collect()
    }

    /// The names of the streams of a type that begin with `prefix`, sorted.
    pub async fn stream_ids(
        &self,
        aggregate_type: &str,
        prefix: &str,
    ) -> Result<Vec<String>, ReadError> {
        let rows = sqlx::query(STREAM_IDS)
            .bind(aggregate_type)
            .bind(prefix)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()?)
    }

    /// The last position recorded at or before a time; [`Position::START`] when the first event is later.
    ///
    /// Times never decrease along the positions, so that halving the range finds it.
    pub async fn position_at(&self, time: DateTime<Utc>) -> Result<Position, ReadError> {
        let mut range = (0, self.head().await?.0);
        while range.0 < range.1 {
            let middle = range.0 + (range.1 - range.0 + 1) / 2;
            let row = sqlx::query(RECORDED_AT)
                .bind(middle)
                .fetch_one(&self.pool)
                .await?;
            let recorded_at: DateTime<Utc> = row.try_get(0)?;
            if recorded_at <= time {
                range.0 = middle;
            } else {
                range.1 = middle - 1;
            }
        }
        Ok(Position(range.0))
    }

    /// Replays a stream up to a position, with the state after every event.
    pub async fn replay(
        &self,
        aggregate_type: &str,
        id: &str,
        until: Position,
    ) -> Result<Replay, ReplayError> {
        let mut fold = self
            .types
            .fold(aggregate_type)
            .ok_or_else(|| ReplayError::UnknownType(aggregate_type.to_owned()))?;
        let events = self.read_stream_until(aggregate_type, id, until).await?;
        if events.is_empty() {
            let later = self.read_stream(aggregate_type, id).await?;
            return Err(match later.first() {
                Some(first) => ReplayError::NotYet {
                    stream: format!("{aggregate_type}/{id}"),
                    at: until,
                    began: first.position,
                },
                None => ReplayError::UnknownStream(aggregate_type.to_owned(), id.to_owned()),
            });
        }
        let initial = fold.state()?;
        let mut steps: Vec<Step> = Vec::with_capacity(events.len());
        for event in events {
            fold.apply(&event)
                .map_err(|error| ReplayError::Undecodable { error })?;
            let mut recorded = steps
                .last()
                .map_or_else(Map::new, |before| before.recorded.clone());
            if let Value::Object(members) = &event.payload {
                let fields = members.iter().filter(|(name, _)| *name != "type");
                recorded.extend(fields.map(|(name, value)| (name.clone(), value.clone())));
            }
            steps.push(Step {
                event,
                state: fold.state()?,
                recorded,
            });
        }
        Ok(Replay { initial, steps })
    }

    /// The types of streams that can be replayed, sorted.
    pub fn stream_types(&self) -> Vec<&'static str> {
        self.types.names()
    }
}
