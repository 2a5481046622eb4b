//! The log as a file, and its verification where there is no database. Format: `docs/ledger-format.md`.

mod line;
mod lines;
mod verify;
mod write;

use serde::{Deserialize, Serialize};

use crate::{Checkpoint, KeyRecord, Position};

pub use verify::{VerifiedExport, VerifyExportError, verify_export};
pub use write::ExportError;

/// What the first line of every export says it is.
const FORMAT: &str = "chancery ledger export";
/// The format's version.
const VERSION: u32 = 1;

/// A node of the tree; hexadecimal in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeText(#[serde(with = "hex::serde")] pub [u8; 32]);

/// The first line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportHeader {
    /// Always `chancery ledger export`.
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// Position of the first event that follows.
    pub first: Position,
    /// Position of the last event that follows; one less than `first` when there is none.
    pub last: Position,
    /// The chain's hash before the first event; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub previous_hash: [u8; 32],
    /// The chain's hash at the last event; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
    /// The tree before the first event: the roots of its complete subtrees, largest first, hexadecimal in JSON; null when
    /// too little of it is stored.
    pub tree: Option<Vec<NodeText>>,
    /// The keys that signed checkpoints.
    pub keys: Vec<KeyRecord>,
    /// The checkpoints among the events.
    pub checkpoints: Vec<Checkpoint>,
}
