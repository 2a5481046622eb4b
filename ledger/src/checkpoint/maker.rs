use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::{Checkpoint, CheckpointFault, KeyRecord, Keyring, SigningKey, store};
use crate::merkle::Frontier;
use crate::verify::{hash_at, read_head, walk};
use crate::{LedgerReader, Position, ReadError, VerifyError};

const INSERT: &str = include_str!("../sql/checkpoint_insert.sql");
const KEY_IN_FORCE: &str = include_str!("../sql/key_in_force.sql");
const INSERT_KEY: &str = include_str!("../sql/key_insert.sql");
const RETIRE_KEY: &str = include_str!("../sql/key_retire.sql");

/// Why no checkpoint was made, or no key changed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Another key is in force.
    #[error("the signing key in force is {in_force}, not {given}")]
    OtherKey {
        /// The one that is.
        in_force: String,
        /// The one that was to sign.
        given: String,
    },
    /// No key has been recorded.
    #[error("no signing key is recorded yet: start the server once")]
    NoKey,
    /// What is to be signed is not what was recorded, or contradicts the last checkpoint.
    #[error("the log will not be signed: {0}")]
    Altered(VerifyError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<sqlx::Error> for CheckpointError {
    fn from(error: sqlx::Error) -> Self {
        Self::Read(error.into())
    }
}

/// What [`Checkpoints::ensure_key`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInForce {
    /// The key was in force already.
    Known,
    /// The key is the ledger's first, and now in force.
    Recorded,
}

/// Makes checkpoints. Writes to `ledger_checkpoints` and `ledger_signing_keys` alone.
#[derive(Clone)]
pub struct Checkpoints {
    reader: LedgerReader,
}

impl Checkpoints {
    /// For the ledger that `reader` reads, through connections that may write.
    pub fn new(reader: LedgerReader) -> Self {
        Self { reader }
    }

    fn pool(&self) -> &PgPool {
        &self.reader.pool
    }

    /// Records `key` as the ledger's first if there is none yet.
    pub async fn ensure_key(
        &self,
        key: &SigningKey,
        now: DateTime<Utc>,
    ) -> Result<KeyInForce, CheckpointError> {
        let mut transaction = self.pool().begin().await?;
        let recorded = match in_force(&mut transaction).await? {
            None => {
                insert_key(&mut transaction, &KeyRecord::new(key, now, None)).await?;
                KeyInForce::Recorded
            }
            Some(_) => KeyInForce::Known,
        };
        // Where two servers began at once, the other's key may be the one that was recorded.
        expect_in_force(&mut transaction, key).await?;
        transaction.commit().await?;
        Ok(recorded)
    }

    /// Puts `next` in force in place of `key`, which endorses it.
    pub async fn rotate_key(
        &self,
        key: &SigningKey,
        next: &SigningKey,
        now: DateTime<Utc>,
    ) -> Result<KeyRecord, CheckpointError> {
        let mut transaction = self.pool().begin().await?;
        let current = expect_in_force(&mut transaction, key).await?;
        let last = store::latest(&mut *transaction).await?;
        let signed = last.map_or(current.valid_from, |(checkpoint, _)| checkpoint.time);
        let valid_from = now.max(current.valid_from).max(signed);
        let record = KeyRecord::new(next, valid_from, Some(key));
        sqlx::query(RETIRE_KEY)
            .bind(&current.key_id)
            .bind(record.valid_from)
            .execute(&mut *transaction)
            .await?;
        insert_key(&mut transaction, &record).await?;
        transaction.commit().await?;
        Ok(record)
    }

    /// Verifies what was recorded since the last checkpoint and signs it; `None` when nothing was. Reads every event
    /// since then, in little memory.
    ///
    /// # Errors
    /// [`CheckpointError::Altered`]: neither a broken chain nor one that contradicts the last checkpoint is signed.
    pub async fn make(
        &self,
        key: &SigningKey,
        now: DateTime<Utc>,
    ) -> Result<Option<Checkpoint>, CheckpointError> {
        let mut connection = self.pool().acquire().await?;
        let record = expect_in_force(&mut connection, key).await?;
        let (after, hash, mut tree) = self.last(&mut connection).await?;
        drop(connection);
        let head = read_head(self.pool()).await.map_err(altered)?;
        let walked = walk(
            self.pool(),
            (after, hash),
            head.position,
            &head,
            |_, hash| {
                tree.push(hash);
                Ok(())
            },
        );
        let verified = walked.await.map_err(altered)?;
        if verified.last == after {
            return Ok(None);
        }
        let time = now.max(record.valid_from);
        let checkpoint = Checkpoint::sign(key, verified.last, verified.hash, tree.root(), time);
        sqlx::query(INSERT)
            .bind(checkpoint.position.0)
            .bind(&checkpoint.hash[..])
            .bind(&checkpoint.root[..])
            .bind(tree.bytes())
            .bind(checkpoint.time)
            .bind(&checkpoint.key_id)
            .bind(&checkpoint.signature.0[..])
            .execute(self.pool())
            .await?;
        Ok(Some(checkpoint))
    }

    /// Where the last checkpoint ended, once it is known to be right.
    async fn last(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(Position, [u8; 32], Frontier), CheckpointError> {
        let Some((checkpoint, tree)) = store::latest(&mut *connection).await? else {
            return Ok((Position::START, crate::chain::START, Frontier::default()));
        };
        let position = checkpoint.position;
        let bad = |fault| altered(VerifyError::Checkpoint { position, fault });
        let keys = Keyring::new(&self.reader.signing_keys().await?, &[]);
        checkpoint.check(&keys).map_err(bad)?;
        let hash = hash_at(self.pool(), position).await.map_err(|error| {
            if matches!(error, VerifyError::Bad { .. }) {
                bad(CheckpointFault::BeyondEnd)
            } else {
                altered(error)
            }
        })?;
        if hash != checkpoint.hash {
            return Err(bad(CheckpointFault::Rewritten));
        }
        let tree = tree.filter(|tree| tree.root() == checkpoint.root);
        let tree = tree.ok_or_else(|| bad(CheckpointFault::RootMismatch))?;
        Ok((position, hash, tree))
    }
}

fn altered(error: VerifyError) -> CheckpointError {
    match error {
        VerifyError::Read(error) => CheckpointError::Read(error),
        error => CheckpointError::Altered(error),
    }
}

async fn in_force(connection: &mut PgConnection) -> Result<Option<KeyRecord>, sqlx::Error> {
    let row = sqlx::query(KEY_IN_FORCE)
        .fetch_optional(&mut *connection)
        .await?;
    row.as_ref().map(store::key).transpose()
}

async fn expect_in_force(
    connection: &mut PgConnection,
    key: &SigningKey,
) -> Result<KeyRecord, CheckpointError> {
    let record = in_force(connection).await?.ok_or(CheckpointError::NoKey)?;
    let given = key.public();
    if record.public_key == given {
        Ok(record)
    } else {
        Err(CheckpointError::OtherKey {
            in_force: record.key_id,
            given: given.id(),
        })
    }
}

async fn insert_key(connection: &mut PgConnection, key: &KeyRecord) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT_KEY)
        .bind(&key.key_id)
        .bind(&key.public_key.0[..])
        .bind(key.valid_from)
        .bind(&key.predecessor)
        .bind(&key.signature.0[..])
        .bind(key.endorsement.as_ref().map(|signature| &signature.0[..]))
        .execute(connection)
        .await?;
    Ok(())
}
