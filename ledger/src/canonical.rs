//! The content digest: one hash over everything an event says, whatever its JSON looked like in storage.
//!
//! `docs/ledger-format.md` describes it for verifiers in other languages.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Unrecordable, canonical_text};

const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// What the content digest covers. RFC 8785 sorts the members, so their order here does not matter.
#[derive(Serialize)]
pub(crate) struct ContentOf<'a, J> {
    pub append_id: Uuid,
    pub aggregate_type: &'a str,
    pub aggregate_id: &'a str,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub payload: J,
    pub metadata: J,
}

/// With the JSON as a tree.
pub(crate) type Content<'a> = ContentOf<'a, &'a Value>;

/// With the JSON as it is stored.
pub(crate) type StoredContent<'a> = ContentOf<'a, &'a str>;

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

impl StoredContent<'_> {
    /// Appends the canonical bytes; `None` when they cannot be those of a recorded event.
    pub fn canonical(&self, out: &mut Vec<u8>) -> Option<()> {
        let mut id = Uuid::encode_buffer();
        let append_id: &str = self.append_id.hyphenated().encode_lower(&mut id);
        for (name, text) in [
            (&b"{\"aggregate_id\":"[..], self.aggregate_id),
            (b",\"aggregate_type\":", self.aggregate_type),
            (b",\"append_id\":", append_id),
            (b",\"event_type\":", self.event_type),
            (b",\"event_version\":", self.event_version),
        ] {
            out.extend_from_slice(name);
            canonical_text::append_string(text, out)?;
        }
        out.extend_from_slice(b",\"metadata\":");
        canonical_text::append(self.metadata, out)?;
        out.extend_from_slice(b",\"payload\":");
        canonical_text::append(self.payload, out)?;
        out.extend_from_slice(b",\"sequence\":");
        out.extend_from_slice(self.sequence.to_string().as_bytes());
        out.push(b'}');
        Some(())
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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::json;

    use super::*;
    use crate::chain;

    const FORMAT: &str = include_str!("../../docs/ledger-format.md");

    #[test]
    fn the_worked_example_of_the_documented_format_is_what_the_program_computes() {
        let payload = json!({
            "type": "opened", "name": "Zoë \"€\" \u{1}", "floor": -2, "limits": [1, 9_007_199_254_740_991_u64], "note": null
        });
        let metadata = json!({"actor_kind": "user", "actor_id": "7"});
        let content = Content {
            append_id: Uuid::from_u128(0x8c8a_3f0e_54c9_4d2c_9d0c_6a1f_0e2b_7d11),
            aggregate_type: "account",
            aggregate_id: "a",
            sequence: 1,
            event_type: "opened",
            event_version: "1.0",
            payload: &payload,
            metadata: &metadata,
        };
        let recorded_at: DateTime<Utc> = "2026-01-02T03:04:05.678901Z".parse().unwrap();
        let canonical = String::from_utf8(content.canonical().unwrap()).unwrap();
        let digest = content.digest().unwrap();
        let mut stored = Vec::new();
        let (payload, metadata) = (payload.to_string(), metadata.to_string());
        StoredContent {
            append_id: content.append_id,
            aggregate_type: content.aggregate_type,
            aggregate_id: content.aggregate_id,
            sequence: content.sequence,
            event_type: content.event_type,
            event_version: content.event_version,
            payload: &payload,
            metadata: &metadata,
        }
        .canonical(&mut stored)
        .unwrap();
        assert_eq!(stored, canonical.as_bytes());
        let microseconds = recorded_at.timestamp_micros();
        let hash = chain::link(&chain::START, 1, microseconds, &digest);
        let linked = [
            &chain::START[..],
            &1_i64.to_be_bytes(),
            &microseconds.to_be_bytes(),
            &digest,
        ]
        .concat();
        for expected in [
            canonical,
            hex::encode(digest),
            microseconds.to_string(),
            hex::encode(linked),
            hex::encode(hash),
        ] {
            assert!(
                FORMAT.contains(&expected),
                "docs/ledger-format.md lacks {expected}"
            );
        }
    }

    #[test]
    fn the_digest_depends_on_values_not_on_their_order_or_spelling() {
        let digest = |payload: &str| {
            let payload: Value = serde_json::from_str(payload).unwrap();
            Content {
                append_id: Uuid::nil(),
                aggregate_type: "t",
                aggregate_id: "i",
                sequence: 1,
                event_type: "e",
                event_version: "1.0",
                payload: &payload,
                metadata: &json!({}),
            }
            .digest()
            .unwrap()
        };
        let one = digest(r#"{"a": 1, "é": "x/\u0041"}"#);
        assert_eq!(one, digest(r#"{"\u00e9":"x\/A","a":1}"#));
        assert_ne!(one, digest(r#"{"\u00e9":"x\/B","a":1}"#));
    }
}
