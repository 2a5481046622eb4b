//! Proof that one event is in the log, checked against a checkpoint alone.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{Checkpoint, KeyRecord, Keyring, PublicKey};
use crate::chain::{self, content_of};
use crate::merkle::{self, PathBuilder};
use crate::{LedgerReader, Position, ReadError, StoredEvent, VerifyError, verify};

const HASHES: &str = include_str!("../sql/hashes.sql");

/// An event, and what shows that a checkpoint covers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InclusionProof {
    /// The event's position.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Its content digest; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub content: [u8; 32],
    /// Its hash; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
    /// The event, as stored; absent where the proof is for one who may not see all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<StoredEvent>,
    /// The hash before it; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub previous_hash: [u8; 32],
    /// The Merkle audit path (RFC 6962, section 2.1.1), from the leaf up; hexadecimal in JSON.
    pub path: Vec<PathNode>,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The keys of the ledger, so that the checkpoint can be checked by one who kept an older or newer public key.
    pub keys: Vec<KeyRecord>,
}

/// A node beside the way from the leaf to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathNode(#[serde(with = "hex::serde")] pub [u8; 32]);

/// Why an event cannot be proved.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// There is no such event.
    #[error("there is no event at position {0}")]
    NoEvent(Position),
    /// No checkpoint covers it yet.
    #[error("no checkpoint covers position {0} yet")]
    NoCheckpoint(Position),
    /// The log is not what the checkpoint says, so there is nothing to prove.
    #[error("the log does not match the checkpoint at position {0}: verify it")]
    Altered(Position),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProof {
    /// The event's hash is not that of its content.
    #[error("the event was changed")]
    Event,
    /// The path does not lead from the event to the checkpoint's root.
    #[error("the checkpoint does not cover the event")]
    Path,
    /// The checkpoint is not what was kept.
    #[error("the checkpoint is another one than the one kept")]
    OtherCheckpoint,
    /// The checkpoint proves nothing.
    #[error(transparent)]
    Checkpoint(#[from] super::CheckpointFault),
}

impl LedgerReader {
    /// Proves that the event at `position` is in the log, against `checkpoint` or else the first that covers it. Reads
    /// the hashes of all events up to the checkpoint, in little memory.
    pub async fn prove(
        &self,
        position: Position,
        checkpoint: Option<Checkpoint>,
    ) -> Result<InclusionProof, ProveError> {
        let event = self.stored_event(position).await?;
        let event = event.ok_or(ProveError::NoEvent(position))?;
        let checkpoint = match checkpoint {
            Some(checkpoint) => Some(checkpoint).filter(|kept| kept.position >= position),
            None => self.checkpoint_covering(position).await?,
        };
        let checkpoint = checkpoint.ok_or(ProveError::NoCheckpoint(position))?;
        let altered = || ProveError::Altered(checkpoint.position);
        let before = Position(position.0 - 1);
        let previous_hash = match verify::hash_at(&self.pool, before).await {
            Ok(hash) => hash,
            Err(VerifyError::Read(error)) => return Err(error.into()),
            Err(_) => return Err(altered()),
        };
        let (leaf, size) = indices(position, &checkpoint).ok_or_else(altered)?;
        let mut builder = PathBuilder::new(leaf, size).ok_or_else(altered)?;
        let mut rows = sqlx::query(HASHES)
            .bind(checkpoint.position.0)
            .fetch(&self.pool);
        while let Some(row) = rows.try_next().await.map_err(ReadError::from)? {
            let hash: &[u8] = row.try_get(0).map_err(ReadError::from)?;
            builder.push(hash.try_into().map_err(|_| altered())?);
        }
        drop(rows);
        let path = builder.path();
        if !merkle::is_included(&event.hash, leaf, &path, size, &checkpoint.root) {
            return Err(altered());
        }
        Ok(InclusionProof {
            position,
            recorded_at: event.recorded_at,
            content: content_of(&event).ok_or_else(altered)?,
            hash: event.hash,
            event: Some(event),
            previous_hash,
            path: path.into_iter().map(PathNode).collect(),
            keys: self.signing_keys().await?,
            checkpoint,
        })
    }
}

/// Index of the leaf and size of the tree.
fn indices(position: Position, checkpoint: &Checkpoint) -> Option<(u64, u64)> {
    let leaf = u64::try_from(position.0.checked_sub(1)?).ok()?;
    let size = u64::try_from(checkpoint.position.0).ok()?;
    Some((leaf, size))
}

impl InclusionProof {
    /// Checks the proof without a database: the event's content makes its hash, the path leads from there to the
    /// checkpoint's root, and the checkpoint is `kept`, or signed by a key that `keys` vouch for. With neither, only that
    /// its key is the one the proof declares.
    pub fn verify(
        &self,
        kept: Option<&Checkpoint>,
        keys: &[PublicKey],
    ) -> Result<(), InvalidProof> {
        if let Some(kept) = kept {
            let same = (kept.position, kept.hash, kept.root)
                == (
                    self.checkpoint.position,
                    self.checkpoint.hash,
                    self.checkpoint.root,
                );
            if !same {
                return Err(InvalidProof::OtherCheckpoint);
            }
        }
        if kept.is_none() || !keys.is_empty() {
            self.checkpoint.check(&Keyring::new(&self.keys, keys))?;
        }
        if !self.is_consistent() {
            return Err(InvalidProof::Event);
        }
        let (leaf, size) = indices(self.position, &self.checkpoint).ok_or(InvalidProof::Path)?;
        let path: Vec<_> = self.path.iter().map(|node| node.0).collect();
        if merkle::is_included(&self.hash, leaf, &path, size, &self.checkpoint.root) {
            Ok(())
        } else {
            Err(InvalidProof::Path)
        }
    }

    /// Whether the digest is that of the event, where there is one, and the hash that of the digest.
    fn is_consistent(&self) -> bool {
        let fits = self.event.as_ref().is_none_or(|event| {
            event.position == self.position
                && event.recorded_at == self.recorded_at
                && event.hash == self.hash
                && content_of(event) == Some(self.content)
        });
        let microseconds = self.recorded_at.timestamp_micros();
        let hash = chain::link(
            &self.previous_hash,
            self.position.0,
            microseconds,
            &self.content,
        );
        fits && hash == self.hash
    }
}
