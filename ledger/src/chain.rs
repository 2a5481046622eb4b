//! The hash chain: each event's hash covers its place, its time, its content and the hash before it.
//!
//! `ledger_append` computes it in the database, where the order is decided; this is the verifier's side.

use sha2::{Digest, Sha256};

use crate::StoredEvent;
use crate::canonical::Content;

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

/// The event's content digest; `None`: it holds what no recorded event can.
pub(crate) fn content_of(event: &StoredEvent) -> Option<[u8; 32]> {
    let content = Content {
        append_id: event.append_id,
        aggregate_type: &event.aggregate_type,
        aggregate_id: &event.aggregate_id,
        sequence: event.sequence,
        event_type: &event.event_type,
        event_version: &event.event_version,
        payload: &event.payload,
        metadata: &event.metadata,
    };
    content.digest().ok()
}
