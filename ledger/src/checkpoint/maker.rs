use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

use super::key_in_force::expect_in_force;
use super::{Checkpoint, CheckpointFault, Keyring, PublicKey, SigningKey, store};
use crate::chain;
use crate::connections::answered;
use crate::merkle::{Edge, Hash, TileId, TreeHead, leaf};
use crate::verify::{Head, hash_at, read_head, walk};
use crate::{LedgerReader, Position, ReadError, VerifyError};

const INSERT: &str = include_str!("../sql/checkpoint_insert.sql");
/// So many events are walked over before the tiles that they fill are stored.
const STRETCH: i64 = 1 << 16;

/// Why no checkpoint was made, or no key changed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Another key is in force.
    #[error("the signing key in force is {in_force}, not {given}")]
    OtherKey {
        /// The one that is.
        in_force: PublicKey,
        /// The one that was to sign.
        given: PublicKey,
    },
    /// No key has been recorded.
    #[error("no signing key is recorded yet: start the server once")]
    NoKey,
    /// There is nothing to sign, nor to name the log by.
    #[error("the log is empty: there is nothing to sign")]
    Empty,
    /// The key has signed for another log.
    #[error("the log will not be signed: the key signs for {signed}, and this log is {found}")]
    OtherLog {
        /// The log that it signed last.
        signed: String,
        /// This one.
        found: String,
    },
    /// What is to be signed is not what was recorded, or does not extend what was signed last.
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

impl CheckpointError {
    /// Whether it says that the log is not what it was.
    pub fn is_alteration(&self) -> bool {
        matches!(self, Self::Altered(_) | Self::OtherLog { .. })
    }
}

/// What a signer signed last. It is kept beside the key, out of reach of those who can write the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSigned {
    /// The log's name.
    pub origin: String,
    /// The last event of the checkpoint.
    pub position: Position,
    /// The tree's root there; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub root: [u8; 32],
    /// The chain's hash there; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
}

/// A checkpoint that nobody knows of yet.
#[derive(Debug)]
pub struct SignedCheckpoint {
    /// What the signer has to remember before anybody hears of it.
    pub last_signed: LastSigned,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    public_key: PublicKey,
    tiles: Vec<(TileId, Vec<Hash>)>,
}

/// Makes checkpoints. Writes to `ledger_checkpoints`, `ledger_signing_keys` and `ledger_tiles` alone.
#[derive(Clone)]
pub struct Checkpoints {
    reader: LedgerReader,
}

impl Checkpoints {
    /// For the ledger that `reader` reads, through connections that may write.
    pub fn new(reader: LedgerReader) -> Self {
        Self { reader }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.reader.pool
    }

    pub(super) async fn origin(&self) -> Result<String, CheckpointError> {
        self.reader.origin().await?.ok_or(CheckpointError::Empty)
    }

    /// Verifies what was recorded since `last` and signs it; `None` when nothing was and a checkpoint says so. Without
    /// `last` everything is verified. Reads every event since then, in little memory. The checkpoint counts when it is
    /// [published](Self::publish), and before that `last_signed` has to be kept.
    ///
    /// # Errors
    /// [`CheckpointError::Altered`] and [`CheckpointError::OtherLog`]: neither a broken chain nor one that does not extend
    /// what was signed, here or by whoever made the last checkpoint, is signed.
    pub async fn sign(
        &self,
        key: &SigningKey,
        last: Option<&LastSigned>,
    ) -> Result<Option<SignedCheckpoint>, CheckpointError> {
        let origin = self.origin().await?;
        if let Some(last) = last.filter(|last| last.origin != origin) {
            return Err(CheckpointError::OtherLog {
                signed: last.origin.clone(),
                found: origin,
            });
        }
        let mut connection = self.pool().acquire().await?;
        let record = answered(expect_in_force(&mut connection, key, &origin)).await?;
        drop(connection);
        let latest = self.latest().await?;
        let head = read_head(self.pool()).await.map_err(altered)?;
        let mut known: Vec<(Position, Hash)> = Vec::new();
        if let Some(last) = last {
            self.expect_hash(last, &head).await?;
            known.push((last.position, last.root));
        }
        if let Some(latest) = &latest {
            known.push((latest.position, latest.root));
        }
        if let Some((position, _)) = known.iter().find(|(known, _)| *known > head.position) {
            return Err(bad(*position, CheckpointFault::BeyondEnd));
        }
        let (start, edge) = self.start(last).await?;
        let (hash, edge) = self.grow(start, edge, &head, &known).await?;
        let position = head.position;
        if latest.is_some_and(|latest| latest.position == position)
            && last.is_some_and(|last| last.position == position)
        {
            return Ok(None);
        }
        let tree = edge.head();
        Ok(Some(SignedCheckpoint {
            checkpoint: Checkpoint::sign(key, &origin, &tree),
            last_signed: LastSigned {
                origin,
                position,
                root: tree.root,
                hash,
            },
            public_key: record.public_key,
            tiles: edge
                .partial()
                .map(|(id, hashes)| (id, hashes.to_vec()))
                .collect(),
        }))
    }

    /// Stores a checkpoint with its tree.
    pub async fn publish(
        &self,
        signed: &SignedCheckpoint,
        now: DateTime<Utc>,
    ) -> Result<(), CheckpointError> {
        answered(async {
            let mut transaction = self.pool().begin().await?;
            store::store_tiles(&mut *transaction, signed.tiles.iter().cloned()).await?;
            sqlx::query(INSERT)
                .bind(signed.checkpoint.position.0)
                .bind(signed.checkpoint.to_string())
                .bind(now)
                .bind(signed.public_key.to_string())
                .execute(&mut *transaction)
                .await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// The last checkpoint, once it is known to be of a key that counts.
    async fn latest(&self) -> Result<Option<Checkpoint>, CheckpointError> {
        let Some(latest) = self.reader.latest_checkpoint().await? else {
            return Ok(None);
        };
        let keys = Keyring::new(&self.reader.signing_keys().await?, &[]);
        keys.check(&latest)
            .map_err(|fault| bad(latest.position, fault))?;
        Ok(Some(latest))
    }

    /// Checks that the chain is what it was when it was signed.
    async fn expect_hash(&self, last: &LastSigned, head: &Head) -> Result<(), CheckpointError> {
        if last.position > head.position {
            return Err(bad(last.position, CheckpointFault::BeyondEnd));
        }
        let hash = hash_at(self.pool(), last.position).await.map_err(altered)?;
        if hash == last.hash {
            Ok(())
        } else {
            Err(bad(last.position, CheckpointFault::Rewritten))
        }
    }

    /// Where the walk begins: at what was signed last, when the stored tiles are those of then, or else at the first event.
    async fn start(
        &self,
        last: Option<&LastSigned>,
    ) -> Result<((Position, Hash), Edge), CheckpointError> {
        if let Some(last) = last {
            let size = u64::try_from(last.position.0).unwrap_or_default();
            let tiles = self.reader.tiles(&Edge::needed(size)).await?;
            let signed = TreeHead {
                size,
                root: last.root,
            };
            if let Some(edge) = Edge::new(size, &tiles).filter(|edge| edge.head() == signed) {
                return Ok(((last.position, last.hash), edge));
            }
        }
        Ok(((Position::START, chain::START), Edge::default()))
    }

    /// Follows the chain to the head and lets the tree grow, past the roots that are known.
    async fn grow(
        &self,
        mut at: (Position, Hash),
        mut edge: Edge,
        head: &Head,
        known: &[(Position, Hash)],
    ) -> Result<(Hash, Edge), CheckpointError> {
        while at.0 < head.position {
            let last = Position(at.0.0.saturating_add(STRETCH)).min(head.position);
            let mut full = Vec::new();
            let walked = walk(self.pool(), at, last, head, |link| {
                edge.push(leaf(&link.entry), &mut |id, hashes| full.push((id, hashes)));
                let mut here = known.iter().filter(|(known, _)| *known == link.position);
                if here.any(|(_, root)| *root != edge.frontier().root()) {
                    return Err((link.position, CheckpointFault::Rewritten).into());
                }
                Ok(())
            });
            let verified = walked.await.map_err(altered)?;
            answered(store::store_tiles(self.pool(), full)).await?;
            at = (verified.last, verified.hash);
        }
        Ok((at.1, edge))
    }
}

fn bad(position: Position, fault: CheckpointFault) -> CheckpointError {
    CheckpointError::Altered(VerifyError::Checkpoint { position, fault })
}

fn altered(error: VerifyError) -> CheckpointError {
    match error {
        VerifyError::Read(error) => CheckpointError::Read(error),
        error => CheckpointError::Altered(error),
    }
}
