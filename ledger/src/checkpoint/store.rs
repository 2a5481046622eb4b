//! Keys, checkpoints and tiles in the database.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};

use super::{Checkpoint, KeyRecord};
use crate::connections::answered;
use crate::merkle::{Hash, TileId, Tiles};
use crate::verify::hash_at;
use crate::{LedgerReader, Position, ReadError, VerifyError};

const KEYS: &str = include_str!("../sql/signing_keys.sql");
const CHECKPOINTS: &str = include_str!("../sql/checkpoints.sql");
const LATEST: &str = include_str!("../sql/checkpoint_latest.sql");
const COVERING: &str = include_str!("../sql/checkpoint_covering.sql");
const TILES: &str = include_str!("../sql/tiles.sql");
const STORE_TILES: &str = include_str!("../sql/tiles_store.sql");

/// A checkpoint as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedCheckpoint {
    /// The last event it covers.
    pub position: Position,
    /// The checkpoint, a signed note.
    #[serde(rename = "note", serialize_with = "as_note")]
    pub checkpoint: Checkpoint,
    /// When it was made, by the clock of the server that made it. Not signed.
    pub made_at: DateTime<Utc>,
}

fn as_note<S: Serializer>(checkpoint: &Checkpoint, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(checkpoint)
}

impl LedgerReader {
    /// The log's name: from the hash of its first event, so that every log has its own and keeps it. `None`: it is empty.
    pub async fn origin(&self) -> Result<Option<String>, ReadError> {
        match hash_at(&self.pool, Position(1)).await {
            Ok(hash) => Ok(Some(format!("chancery/{}", hex::encode(&hash[..16])))),
            Err(VerifyError::Read(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The keys that sign or signed checkpoints, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<KeyRecord>, ReadError> {
        let rows = answered(sqlx::query(KEYS).fetch_all(&self.pool)).await?;
        Ok(rows.iter().map(key).collect::<Result<_, _>>()?)
    }

    /// Up to `limit` checkpoints after a position, in order.
    pub async fn checkpoints(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<ListedCheckpoint>, ReadError> {
        let rows = sqlx::query(CHECKPOINTS)
            .bind(after.0)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(listed).collect()
    }

    /// The last checkpoint; `None`: there is none yet.
    pub async fn latest_checkpoint(&self) -> Result<Option<Checkpoint>, ReadError> {
        let latest = self.latest_listed_checkpoint().await?;
        Ok(latest.map(|latest| latest.checkpoint))
    }

    /// As [`latest_checkpoint`](Self::latest_checkpoint), with when it was made.
    pub async fn latest_listed_checkpoint(&self) -> Result<Option<ListedCheckpoint>, ReadError> {
        answered(latest(&self.pool)).await
    }

    /// The first checkpoint at or after a position; `None`: none covers it yet.
    pub async fn checkpoint_covering(
        &self,
        position: Position,
    ) -> Result<Option<Checkpoint>, ReadError> {
        let row = sqlx::query(COVERING)
            .bind(position.0)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(checkpoint).transpose()
    }

    /// Those of the tiles that there are.
    pub(crate) async fn tiles(&self, wanted: &BTreeSet<TileId>) -> Result<Tiles, sqlx::Error> {
        if wanted.is_empty() {
            return Ok(Tiles::default());
        }
        let (levels, indexes) = columns(wanted.iter().copied());
        let asking = sqlx::query(TILES)
            .bind(levels)
            .bind(indexes)
            .fetch_all(&self.pool);
        let rows = answered(asking).await?;
        let tile = |row: &PgRow| -> Result<(TileId, Vec<Hash>), sqlx::Error> {
            let id = TileId {
                level: number(row.try_get::<i16, _>("level")?)?,
                index: number(row.try_get::<i64, _>("index")?)?,
            };
            let (hashes, _) = row.try_get::<&[u8], _>("hashes")?.as_chunks::<32>();
            Ok((id, hashes.to_vec()))
        };
        Ok(Tiles(rows.iter().map(tile).collect::<Result<_, _>>()?))
    }
}

/// Stores tiles, in place of shorter ones.
pub(super) async fn store_tiles(
    executor: impl PgExecutor<'_>,
    tiles: impl IntoIterator<Item = (TileId, Vec<Hash>)>,
) -> Result<(), sqlx::Error> {
    let (ids, hashes): (Vec<TileId>, Vec<Vec<u8>>) = tiles
        .into_iter()
        .map(|(id, hashes)| (id, hashes.concat()))
        .unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let (levels, indexes) = columns(ids);
    sqlx::query(STORE_TILES)
        .bind(levels)
        .bind(indexes)
        .bind(hashes)
        .execute(executor)
        .await?;
    Ok(())
}

fn columns(ids: impl IntoIterator<Item = TileId>) -> (Vec<i16>, Vec<i64>) {
    ids.into_iter()
        .map(|id| {
            let index = i64::try_from(id.index).unwrap_or(i64::MAX);
            (i16::from(id.level), index)
        })
        .unzip()
}

fn number<T, N: TryFrom<T>>(value: T) -> Result<N, sqlx::Error> {
    N::try_from(value).map_err(|_| malformed("a tile has no place in a tree"))
}

/// The last checkpoint.
pub(super) async fn latest(
    executor: impl PgExecutor<'_>,
) -> Result<Option<ListedCheckpoint>, ReadError> {
    let row = sqlx::query(LATEST).fetch_optional(executor).await?;
    row.as_ref().map(listed).transpose()
}

pub(super) fn key(row: &PgRow) -> Result<KeyRecord, sqlx::Error> {
    let public_key: &str = row.try_get("public_key")?;
    let predecessor: Option<&str> = row.try_get("predecessor")?;
    let parsed = |text: &str| text.parse().map_err(|_| malformed("a signing key is none"));
    Ok(KeyRecord {
        public_key: parsed(public_key)?,
        after: Position(row.try_get("after")?),
        predecessor: predecessor.map(parsed).transpose()?,
        statement: row.try_get("statement")?,
    })
}

fn listed(row: &PgRow) -> Result<ListedCheckpoint, ReadError> {
    let checkpoint = checkpoint(row)?;
    Ok(ListedCheckpoint {
        position: checkpoint.position,
        checkpoint,
        made_at: row.try_get("made_at")?,
    })
}

fn checkpoint(row: &PgRow) -> Result<Checkpoint, ReadError> {
    let note: &str = row.try_get("note")?;
    Ok(note
        .parse()
        .map_err(|_| malformed("a checkpoint is no signed note"))?)
}

fn malformed(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}
