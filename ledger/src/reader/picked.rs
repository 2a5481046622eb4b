//! Reading single events and stretches of streams, many at once.

use sqlx::PgConnection;

use super::{LedgerReader, stored, upcast};
use crate::{Position, ReadError, RecordedEvent, StreamTypes};

const AT: &str = include_str!("../sql/read_at.sql");
const STRETCHES: &str = include_str!("../sql/read_stretches.sql");
const LAST: &str = include_str!("../sql/read_last.sql");

/// A part of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Kind of the stream.
    pub aggregate_type: String,
    /// Name of the stream.
    pub aggregate_id: String,
    /// Only events after this place in the stream; 0: from the first.
    pub after: i64,
    /// Only events up to this position.
    pub until: Position,
}

impl LedgerReader {
    /// The events at these positions, in their current versions, in order. One that is not there is left out.
    pub async fn read_at(&self, positions: &[i64]) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query(AT)
            .bind(positions)
            .fetch_all(&self.pool)
            .await?;
        self.upcast_rows(&rows)
    }

    /// The events of parts of streams, as [`read_stretches`] reads them.
    pub async fn read_stretches(
        &self,
        stretches: &[Stretch],
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let mut connection = self.pool.acquire().await?;
        read_stretches(&mut connection, &self.types, stretches).await
    }

    /// The last event of each of these streams, given by type and name, in its current version.
    pub async fn read_last(
        &self,
        streams: &[(&str, &str)],
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let (types, ids): (Vec<&str>, Vec<&str>) = streams.iter().copied().unzip();
        let rows = sqlx::query(LAST)
            .bind(types)
            .bind(ids)
            .fetch_all(&self.pool)
            .await?;
        self.upcast_rows(&rows)
    }
}

/// The events of parts of streams, in their current versions, in order of position; on a connection of the caller, within
/// its transaction.
pub async fn read_stretches(
    connection: &mut PgConnection,
    types: &StreamTypes,
    stretches: &[Stretch],
) -> Result<Vec<RecordedEvent>, ReadError> {
    if stretches.is_empty() {
        return Ok(Vec::new());
    }
    let text = |of: fn(&Stretch) -> &str| stretches.iter().map(of).collect::<Vec<_>>();
    let number = |of: fn(&Stretch) -> i64| stretches.iter().map(of).collect::<Vec<_>>();
    let rows = sqlx::query(STRETCHES)
        .bind(text(|stretch| &stretch.aggregate_type))
        .bind(text(|stretch| &stretch.aggregate_id))
        .bind(number(|stretch| stretch.after))
        .bind(number(|stretch| stretch.until.0))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| upcast(types, stored(row)?)).collect()
}
