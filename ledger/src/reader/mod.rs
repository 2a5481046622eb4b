//! Reading by position and by stream.

mod history;
mod picked;
mod rows;
mod search;

use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::connections::answered;
use crate::{Ledger, Position, ReadError, RecordedEvent, StoredEvent, StreamTypes};
use rows::{sized, upcast_recent};

const HEAD: &str = include_str!("../sql/head.sql");
const READ: &str = include_str!("../sql/read.sql");

/// Of events with so much JSON no more are read at once; as a tree they take several times as much.
const READ_BYTES: usize = 8 << 20;

pub use history::{Replay, ReplayError, Step};
pub use picked::{Stretch, read_stretches};
pub(crate) use rows::{current, raw, stored, upcast};
pub use search::EventFilter;

/// Reads, replays, verifies and exports a ledger. Needs a connection that may `SELECT` and nothing more. Cheap to clone.
#[derive(Clone)]
pub struct LedgerReader {
    pub(crate) pool: PgPool,
    pub(crate) types: Arc<StreamTypes>,
}

impl LedgerReader {
    /// A reader of the ledger in a migrated database. It may be the database of a running server, or a standby.
    pub fn new(pool: PgPool, types: StreamTypes) -> Self {
        Self {
            pool,
            types: Arc::new(types),
        }
    }

    /// The last position, as the database has it.
    pub async fn head(&self) -> Result<Position, ReadError> {
        Ok(read_head(&self.pool).await?)
    }

    /// Up to `limit` events after a position, in order, in their current versions; fewer where they are so large that
    /// memory would not be bounded. Only an empty answer means that there are no more.
    pub async fn read(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        answered(async {
            let mut rows = sqlx::query(READ)
                .bind(after.0)
                .bind(limit)
                .fetch(&self.pool);
            let mut events = Vec::new();
            let mut bytes = 0;
            while let Some(row) = rows.try_next().await? {
                let (event, size) = sized(&self.types, &row)?;
                events.push(Arc::new(event));
                bytes += size;
                if bytes >= READ_BYTES {
                    break;
                }
            }
            Ok(events)
        })
        .await
    }

    /// Up to `limit` events after a position exactly as stored.
    pub async fn read_raw(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = read_rows(&self.pool, after, limit).await?;
        rows.iter().map(stored).collect()
    }

    /// All events of a stream, in order, in their current versions. Empty: there is no such stream.
    pub async fn read_stream(
        &self,
        aggregate_type: &str,
        id: &str,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.read_stream_until(aggregate_type, id, Position(i64::MAX))
            .await
    }
}

impl Ledger {
    /// A reader of the same database.
    pub fn reader(&self) -> LedgerReader {
        LedgerReader {
            pool: self.0.pool.clone(),
            types: Arc::clone(&self.0.types),
        }
    }

    /// Up to `limit` events after a position, in order, in their current versions. From memory where all of them are
    /// recent appends of this process, else from the database. Only an empty answer means that there are no more.
    pub async fn read(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        let types = &self.0.types;
        if let Some(events) = self.0.recent.after(after, limit) {
            return events
                .into_iter()
                .map(|event| upcast_recent(types, event))
                .collect();
        }
        self.reader().read(after, limit).await
    }

    /// Up to `limit` events after a position exactly as stored, always from the database.
    pub async fn read_raw(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.reader().read_raw(after, limit).await
    }

    /// All events of a stream, in order, in their current versions. Empty: there is no such stream.
    pub async fn read_stream(
        &self,
        aggregate_type: &str,
        id: &str,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.reader().read_stream(aggregate_type, id).await
    }
}

pub(crate) async fn read_head(pool: &PgPool) -> Result<Position, sqlx::Error> {
    answered(sqlx::query(HEAD).fetch_one(pool))
        .await?
        .try_get("position")
        .map(Position)
}

/// Rows of `read.sql`: up to `limit` events after a position, in order.
pub(crate) async fn read_rows(
    pool: &PgPool,
    after: Position,
    limit: i64,
) -> Result<Vec<PgRow>, sqlx::Error> {
    answered(sqlx::query(READ).bind(after.0).bind(limit).fetch_all(pool)).await
}
