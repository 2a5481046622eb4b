//! The hash chain: each event's hash covers its place, its time, its content and the hash before it.
//!
//! `ledger_append` computes it in the database, where the order is decided; this is the verifier's side.

use sha2::{Digest, Sha256};

/// The hash before the first event.
pub(crate) const START: [u8; 32] = [0; 32];

/// `SHA-256(previous || position || microseconds || content)`, numbers as 8 bytes, big-endian.
pub(crate) fn link(
    previous: &[u8; 32],
    position: i64,
    microseconds: i64,
    content: &[u8; 32],
) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(position.to_be_bytes());
    hasher.update(microseconds.to_be_bytes());
    hasher.update(content);
    hasher.finalize().into()
}
