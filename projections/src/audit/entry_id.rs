//! Ids of entries, which say the place of their event.

use chancery_ledger::RecordedEvent;
use uuid::Builder;

use super::AuditEntryId;

/// The id of an event's entry: a UUID (version 8) of eight bytes of the event's hash, so that it cannot be made up, and the
/// event's position.
pub(super) fn of(event: &RecordedEvent) -> AuditEntryId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&event.hash[..8]);
    bytes[8..].copy_from_slice(&event.position.0.to_be_bytes());
    AuditEntryId::new(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The position of the event whose entry has this id, if there is such an entry. The variant of a UUID takes the two highest bits.
pub(super) fn position(id: AuditEntryId) -> i64 {
    let (_, low) = id.uuid().as_u64_pair();
    (low & (u64::MAX >> 2)).cast_signed()
}
