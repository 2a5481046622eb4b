//! Proof that one event is in the log, or that the log extends what it was, checked against checkpoints alone.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Checkpoint, KeyRecord, Keyring, PublicKey};
use crate::chain::Entry;
use crate::merkle::{self, Hash, Range, Tiles};
use crate::{LedgerReader, Position, ReadError, StoredEvent};

const TITLE: &str = "c2sp.org/tlog-proof@v1";

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
    /// The event, as stored; absent where the proof is for one who may not see all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<StoredEvent>,
    /// The leaf, the audit path and the checkpoint; in JSON, the text of C2SP tlog-proof.
    pub proof: LeafProof,
    /// The keys of the ledger, so that the checkpoint can be checked by one who kept an older or newer public key.
    pub keys: Vec<KeyRecord>,
}

/// The way from a leaf to a checkpoint's root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LeafProof {
    /// The leaf, from 0.
    pub index: u64,
    /// The Merkle audit path (RFC 6962, section 2.1.1), from the leaf up.
    pub path: Vec<[u8; 32]>,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
}

/// A text is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a proof: expected the text of C2SP tlog-proof")]
pub struct ProofTextError;

impl fmt::Display for LeafProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}\nindex {}", self.index)?;
        for node in &self.path {
            writeln!(f, "{}", BASE64.encode(node))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for LeafProof {
    type Err = ProofTextError;

    fn from_str(text: &str) -> Result<Self, ProofTextError> {
        let read = || {
            let (head, checkpoint) = text.split_once("\n\n")?;
            let mut lines = head.split('\n');
            if lines.next()? != TITLE {
                return None;
            }
            let mut index = lines.next()?;
            if index.starts_with("extra ") {
                index = lines.next()?;
            }
            let index = index.strip_prefix("index ")?.parse().ok()?;
            let node = |line| BASE64.decode(line).ok()?.try_into().ok();
            Some(Self {
                index,
                path: lines.map(node).collect::<Option<_>>()?,
                checkpoint: checkpoint.parse().ok()?,
            })
        };
        read().ok_or(ProofTextError)
    }
}

impl From<LeafProof> for String {
    fn from(proof: LeafProof) -> Self {
        proof.to_string()
    }
}

impl TryFrom<String> for LeafProof {
    type Error = ProofTextError;

    fn try_from(text: String) -> Result<Self, ProofTextError> {
        text.parse()
    }
}

/// Why something cannot be proved.
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
    /// The event is not what the proof is about.
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
    /// Proves that the event at `position` is in the log, against `checkpoint` or else the first that covers it. Reads the
    /// event and a few tiles, however long the log is.
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
        let (head, index) = (checkpoint.head(), index(position).ok_or_else(altered)?);
        let ranges = merkle::inclusion(index, head.size).ok_or_else(altered)?;
        let path = self.roots(&ranges).await?.ok_or_else(altered)?;
        if !head.includes(&event.entry(), index, &path) {
            return Err(altered());
        }
        Ok(InclusionProof {
            position,
            recorded_at: event.recorded_at,
            content: event.content_digest(),
            event: Some(event),
            proof: LeafProof {
                index,
                path,
                checkpoint,
            },
            keys: self.signing_keys().await?,
        })
    }

    /// Proves that what the later checkpoint covers begins with what the earlier one does (RFC 6962, section 2.1.2): the
    /// path, checked. Reads a few tiles, however long the log is.
    ///
    /// # Errors
    /// [`ProveError::Altered`] when it does not, or when they are of different logs.
    pub async fn prove_extension(
        &self,
        earlier: &Checkpoint,
        later: &Checkpoint,
    ) -> Result<Vec<[u8; 32]>, ProveError> {
        let altered = || ProveError::Altered(earlier.position);
        let (old, new) = (earlier.head(), later.head());
        let ranges = merkle::consistency(old.size, new.size).ok_or_else(altered)?;
        let path = self.roots(&ranges).await?.ok_or_else(altered)?;
        if earlier.origin == later.origin && new.extends(&old, &path) {
            Ok(path)
        } else {
            Err(altered())
        }
    }

    /// The roots over ranges of leaves; `None`: too little of the tree is stored.
    async fn roots(&self, ranges: &[Range]) -> Result<Option<Vec<Hash>>, ReadError> {
        let tiles = self.tiles(&Tiles::needed(ranges)).await?;
        Ok(ranges.iter().map(|range| tiles.root(*range)).collect())
    }
}

/// The leaf of an event.
fn index(position: Position) -> Option<u64> {
    u64::try_from(position.0.checked_sub(1)?).ok()
}

impl InclusionProof {
    /// Checks the proof without a database: the event is the one whose digest stands in the leaf, the path leads from there
    /// to the checkpoint's root, and the checkpoint is `kept`, or signed by a key that `keys` vouch for. With neither, only
    /// that its key is the one the proof declares.
    pub fn verify(
        &self,
        kept: Option<&Checkpoint>,
        keys: &[PublicKey],
    ) -> Result<(), InvalidProof> {
        let checkpoint = &self.proof.checkpoint;
        if kept.is_some_and(|kept| !kept.agrees_with(checkpoint)) {
            return Err(InvalidProof::OtherCheckpoint);
        }
        if kept.is_none() || !keys.is_empty() {
            Keyring::new(&self.keys, keys).check(checkpoint)?;
        }
        let fits = self.event.as_ref().is_none_or(|event| {
            event.position == self.position
                && event.recorded_at == self.recorded_at
                && event.content_digest() == self.content
        });
        if !fits {
            return Err(InvalidProof::Event);
        }
        let entry = Entry::new(self.position.0, self.recorded_at, &self.content);
        let (index, path) = (self.proof.index, &self.proof.path);
        let is_its_leaf = self::index(self.position) == Some(index);
        if is_its_leaf && checkpoint.head().includes(&entry, index, path) {
            Ok(())
        } else {
            Err(InvalidProof::Path)
        }
    }
}
