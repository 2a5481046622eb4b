//! Keys and checkpoints in the database.

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};

use super::{Checkpoint, KeyRecord, PublicKey, Signature};
use crate::merkle::Frontier;
use crate::{LedgerReader, Position, ReadError};

const KEYS: &str = include_str!("../sql/signing_keys.sql");
const CHECKPOINTS: &str = include_str!("../sql/checkpoints.sql");
const LATEST: &str = include_str!("../sql/checkpoint_latest.sql");
const COVERING: &str = include_str!("../sql/checkpoint_covering.sql");

impl LedgerReader {
    /// The keys that sign or signed checkpoints, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<KeyRecord>, ReadError> {
        let rows = sqlx::query(KEYS).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(key).collect::<Result<_, _>>()?)
    }

    /// Up to `limit` checkpoints after a position, in order.
    pub async fn checkpoints(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, ReadError> {
        let rows = sqlx::query(CHECKPOINTS)
            .bind(after.0)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(checkpoint).collect::<Result<_, _>>()?)
    }

    /// The last checkpoint; `None`: there is none yet.
    pub async fn latest_checkpoint(&self) -> Result<Option<Checkpoint>, ReadError> {
        Ok(latest(&self.pool).await?.map(|(checkpoint, _)| checkpoint))
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
        Ok(row.as_ref().map(checkpoint).transpose()?)
    }
}

/// The last checkpoint with the tree it ends with; the tree is `None` when the row does not hold one of its size.
pub(super) async fn latest(
    executor: impl PgExecutor<'_>,
) -> Result<Option<(Checkpoint, Option<Frontier>)>, sqlx::Error> {
    let Some(row) = sqlx::query(LATEST).fetch_optional(executor).await? else {
        return Ok(None);
    };
    let checkpoint = checkpoint(&row)?;
    let size = u64::try_from(checkpoint.position.0).unwrap_or_default();
    let tree = Frontier::from_bytes(size, row.try_get("frontier")?);
    Ok(Some((checkpoint, tree)))
}

pub(super) fn key(row: &PgRow) -> Result<KeyRecord, sqlx::Error> {
    let endorsement: Option<&[u8]> = row.try_get("endorsement")?;
    Ok(KeyRecord {
        key_id: row.try_get("key_id")?,
        public_key: PublicKey(bytes(row.try_get("public_key")?)?),
        valid_from: row.try_get("valid_from")?,
        valid_until: row.try_get("valid_until")?,
        predecessor: row.try_get("predecessor")?,
        signature: Signature(bytes(row.try_get("signature")?)?),
        endorsement: endorsement.map(bytes).transpose()?.map(Signature),
    })
}

fn checkpoint(row: &PgRow) -> Result<Checkpoint, sqlx::Error> {
    Ok(Checkpoint {
        position: Position(row.try_get("position")?),
        hash: bytes(row.try_get("hash")?)?,
        root: bytes(row.try_get("root")?)?,
        time: row.try_get("time")?,
        key_id: row.try_get("key_id")?,
        signature: Signature(bytes(row.try_get("signature")?)?),
    })
}

/// Lengths are checked by the tables.
fn bytes<const N: usize>(value: &[u8]) -> Result<[u8; N], sqlx::Error> {
    value
        .try_into()
        .map_err(|_| sqlx::Error::Decode("a key, hash or signature has another length".into()))
}
