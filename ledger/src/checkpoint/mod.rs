//! Signed checkpoints (C2SP tlog-checkpoint): statements of what the ledger held, which nobody can make without the
//! private key.
//!
//! An auditor who keeps one finds out when what it covers is rewritten. `docs/ledger-format.md` says what is signed, and
//! what is proved against whom.

mod key;
mod key_in_force;
mod keyring;
mod maker;
mod note;
mod proof;
mod store;
mod tiles;
mod witness;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::Position;
use crate::merkle::TreeHead;

pub use key::{KeyTextError, PublicKey, SigningKey};
pub use key_in_force::KeyInForce;
pub use keyring::KeyRecord;
pub(crate) use keyring::Keyring;
pub use maker::{CheckpointError, Checkpoints, LastSigned, SignedCheckpoint};
use note::Note;
pub use proof::{InclusionProof, InvalidProof, LeafProof, ProofTextError, ProveError};
pub use store::ListedCheckpoint;
pub use tiles::{TileError, TilePath};
pub(crate) use witness::Witness;
pub use witness::{CheckpointFault, Evidence};

/// A signed statement: the tree over the events up to `position` had the root `root`. As text, and in JSON, the signed
/// note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// The last event it covers; so many events there were.
    pub position: Position,
    /// Root of the Merkle tree (RFC 6962) over the entries of events 1 to `position`.
    pub root: [u8; 32],
    note: Note,
}

/// A text is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint: expected a signed note of a name, a size and a root")]
pub struct CheckpointTextError;

impl Checkpoint {
    fn sign(key: &SigningKey, origin: &str, head: &TreeHead) -> Self {
        let root = BASE64.encode(head.root);
        let note = Note::new(format!("{origin}\n{}\n{root}\n", head.size)).signed_by(key, origin);
        Self {
            origin: origin.to_owned(),
            position: Position(i64::try_from(head.size).unwrap_or(i64::MAX)),
            root: head.root,
            note,
        }
    }

    pub(crate) fn head(&self) -> TreeHead {
        TreeHead {
            size: u64::try_from(self.position.0).unwrap_or_default(),
            root: self.root,
        }
    }

    /// Whether the key signed it: `None`, it did not; or else whether its signature is right.
    pub fn is_signed_by(&self, key: &PublicKey) -> Option<bool> {
        if key.name() == self.origin {
            self.note.is_signed_by(key)
        } else {
            None
        }
    }

    /// Whether both say the same of the same log, whoever signed them.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.origin == other.origin && self.head() == other.head()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointTextError;

    fn from_str(text: &str) -> Result<Self, CheckpointTextError> {
        let note: Note = text.parse().map_err(|_| CheckpointTextError)?;
        let read = || {
            let mut lines = note.text.split('\n');
            let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
            let position: i64 = size.parse().ok()?;
            let is_sound = !origin.is_empty() && position > 0 && position.to_string() == size;
            let root = BASE64.decode(root).ok()?.try_into().ok()?;
            is_sound.then(|| (origin.to_owned(), Position(position), root))
        };
        let (origin, position, root) = read().ok_or(CheckpointTextError)?;
        Ok(Self {
            origin,
            position,
            root,
            note,
        })
    }
}

impl From<Checkpoint> for String {
    fn from(checkpoint: Checkpoint) -> Self {
        checkpoint.to_string()
    }
}

impl TryFrom<String> for Checkpoint {
    type Error = CheckpointTextError;

    fn try_from(text: String) -> Result<Self, CheckpointTextError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_implementation_reads_a_checkpoint() {
        let key = SigningKey::from_seed([1; 32]);
        let head = TreeHead {
            size: 123,
            root: [7; 32],
        };
        let checkpoint = Checkpoint::sign(&key, "example.com/log", &head);
        assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint.clone()));
        let theirs = tlog_tiles::Checkpoint::from_bytes(checkpoint.note.text.as_bytes()).unwrap();
        assert_eq!((theirs.origin(), theirs.size()), ("example.com/log", 123));
        assert_eq!(theirs.hash().0, head.root);
        for broken in ["123", "0123", "-1", "0", ""] {
            let text = checkpoint
                .to_string()
                .replace("\n123\n", &format!("\n{broken}\n"));
            assert_eq!(text.parse::<Checkpoint>().is_ok(), broken == "123");
        }
    }
}
