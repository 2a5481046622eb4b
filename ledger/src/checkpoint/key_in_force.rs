//! Which key signs now.

use sqlx::PgConnection;

use super::{CheckpointError, Checkpoints, KeyRecord, PublicKey, SigningKey, store};
use crate::Position;

const KEY_IN_FORCE: &str = include_str!("../sql/key_in_force.sql");
const INSERT_KEY: &str = include_str!("../sql/key_insert.sql");

/// What [`Checkpoints::ensure_key`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyInForce {
    /// The key was in force already.
    Known(PublicKey),
    /// The key is the ledger's first, and now in force.
    Recorded(PublicKey),
}

impl Checkpoints {
    /// Records `key` as the ledger's first if there is none yet.
    pub async fn ensure_key(&self, key: &SigningKey) -> Result<KeyInForce, CheckpointError> {
        let origin = self.origin().await?;
        let mut transaction = self.pool().begin().await?;
        let is_first = in_force(&mut transaction).await?.is_none();
        if is_first {
            let record = KeyRecord::new(key, &origin, Position::START, None);
            insert_key(&mut transaction, &record).await?;
        }
        // Where two servers began at once, the other's key may be the one that was recorded.
        let record = expect_in_force(&mut transaction, key, &origin).await?;
        transaction.commit().await?;
        Ok(if is_first {
            KeyInForce::Recorded(record.public_key)
        } else {
            KeyInForce::Known(record.public_key)
        })
    }

    /// Puts `next` in force in place of `key`, which endorses it.
    pub async fn rotate_key(
        &self,
        key: &SigningKey,
        next: &SigningKey,
    ) -> Result<KeyRecord, CheckpointError> {
        let origin = self.origin().await?;
        let mut transaction = self.pool().begin().await?;
        let current = expect_in_force(&mut transaction, key, &origin).await?;
        let latest = store::latest(&mut *transaction).await?;
        let after = latest.map_or(current.after, |latest| latest.position.max(current.after));
        let record = KeyRecord::new(next, &origin, after, Some(key));
        insert_key(&mut transaction, &record).await?;
        expect_in_force(&mut transaction, next, &origin).await?;
        transaction.commit().await?;
        Ok(record)
    }
}

async fn in_force(connection: &mut PgConnection) -> Result<Option<KeyRecord>, sqlx::Error> {
    let row = sqlx::query(KEY_IN_FORCE)
        .fetch_optional(&mut *connection)
        .await?;
    row.as_ref().map(store::key).transpose()
}

pub(super) async fn expect_in_force(
    connection: &mut PgConnection,
    key: &SigningKey,
    origin: &str,
) -> Result<KeyRecord, CheckpointError> {
    let record = in_force(connection).await?.ok_or(CheckpointError::NoKey)?;
    let given = key.public(origin);
    if record.public_key == given {
        Ok(record)
    } else {
        Err(CheckpointError::OtherKey {
            in_force: record.public_key,
            given,
        })
    }
}

async fn insert_key(connection: &mut PgConnection, key: &KeyRecord) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT_KEY)
        .bind(key.public_key.to_string())
        .bind(key.after.0)
        .bind(key.predecessor.as_ref().map(PublicKey::to_string))
        .bind(&key.statement)
        .execute(connection)
        .await?;
    Ok(())
}
