//! The hash chain: each event's hash covers its place, its time, its content and the hash before it.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// The hash before the first event.
pub(crate) const START: [u8; 32] = [0; 32];

/// What the chain and the tree hold of an event: position, time in microseconds (8 bytes each, big-endian), content
/// digest. `ledger_append` in the database writes it the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry(pub [u8; 48]);

impl Entry {
    pub fn new(position: i64, recorded_at: DateTime<Utc>, content: &[u8; 32]) -> Self {
        let mut bytes = [0; 48];
        bytes[..8].copy_from_slice(&position.to_be_bytes());
        bytes[8..16].copy_from_slice(&recorded_at.timestamp_micros().to_be_bytes());
        bytes[16..].copy_from_slice(content);
        Self(bytes)
    }

    /// The event's hash: `SHA-256(previous || entry)`.
    pub fn link(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(self.0);
        hasher.finalize().into()
    }
}
