//! The content digest: one hash over everything an event says, whatever its JSON looked like in storage.
//!
//! `docs/ledger-format.md` describes it for verifiers in other languages.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Unrecordable;

const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// What the content digest covers. RFC 8785 sorts the members, so their order here does not matter.
#[derive(Serialize)]
pub(crate) struct Content<'a> {
    pub append_id: Uuid,
    pub aggregate_type: &'a str,
    pub aggregate_id: &'a str,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub payload: &'a Value,
    pub metadata: &'a Value,
}

impl Content<'_> {
    /// The canonical bytes (RFC 8785).
    ///
    /// # Errors
    /// When the payload or the metadata holds a number that JSON readers would not agree on.
    pub fn canonical(&self) -> Result<Vec<u8>, Unrecordable> {
        check(self.payload)?;
        check(self.metadata)?;
        Ok(serde_json_canonicalizer::to_vec(self)?)
    }

    /// SHA-256 of the canonical bytes.
    pub fn digest(&self) -> Result<[u8; 32], Unrecordable> {
        Ok(Sha256::digest(self.canonical()?).into())
    }
}

/// Refuses what JSON readers and PostgreSQL would not all keep: fractions, huge integers, U+0000.
fn check(value: &Value) -> Result<(), Unrecordable> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) => {
            let magnitude = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            match magnitude {
                Some(magnitude) if magnitude <= LARGEST_INTEGER => Ok(()),
                _ => Err(Unrecordable::Number(number.to_string())),
            }
        }
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(members) => members
            .iter()
            .try_for_each(|(name, value)| check_text(name).and_then(|()| check(value))),
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), Unrecordable> {
    if text.as_bytes().contains(&0) {
        return Err(Unrecordable::Nul);
    }
    Ok(())
}
