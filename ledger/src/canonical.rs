//! What is written of an event, once, and hashed as it is written.
//!
//! `docs/ledger-format.md` describes both for verifiers in other languages.

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Unrecordable;

const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// The JSON as it is recorded: in the canonical form of RFC 8785.
///
/// # Errors
/// When it holds what JSON readers and PostgreSQL would not all keep: fractions, huge integers, U+0000.
pub fn text(value: &Value) -> Result<String, Unrecordable> {
    let mut text = String::with_capacity(256);
    append(value, &mut text)?;
    Ok(text)
}

fn append(value: &Value, out: &mut String) -> Result<(), Unrecordable> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let magnitude = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            match magnitude {
                Some(magnitude) if magnitude <= LARGEST_INTEGER => {
                    out.push_str(&number.to_string());
                }
                _ => return Err(Unrecordable::Number(number.to_string())),
            }
        }
        Value::String(text) => append_string(text, out)?,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                append(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by(|(one, _), (other, _)| {
                one.encode_utf16().cmp(other.encode_utf16())
            });
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                append_string(name, out)?;
                out.push(':');
                append(value, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn append_string(text: &str, out: &mut String) -> Result<(), Unrecordable> {
    check_text(text)?;
    out.push('"');
    let mut rest = text;
    while let Some(next) = rest.bytes().position(must_be_escaped) {
        out.push_str(&rest[..next]);
        match rest.as_bytes()[next] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            control => {
                let hex = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or_default();
                out.push_str("\\u00");
                out.extend([hex(control >> 4), hex(control & 15)]);
            }
        }
        rest = &rest[next + 1..];
    }
    out.push_str(rest);
    out.push('"');
    Ok(())
}

fn must_be_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

pub(crate) fn check_text(text: &str) -> Result<(), Unrecordable> {
    if text.as_bytes().contains(&0) {
        return Err(Unrecordable::Nul);
    }
    Ok(())
}

/// What the content digest covers: all that an event says, its JSON as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub append_id: Uuid,
    pub aggregate_type: &'a str,
    pub aggregate_id: &'a str,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub payload: &'a str,
    pub metadata: &'a str,
}

impl Content<'_> {
    /// SHA-256 of the id's 16 bytes, the sequence's 8 and each text behind its length in 4, numbers big-endian.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.append_id.as_bytes());
        hasher.update(self.sequence.to_be_bytes());
        for text in [
            self.aggregate_type,
            self.aggregate_id,
            self.event_type,
            self.event_version,
            self.payload,
            self.metadata,
        ] {
            // PostgreSQL holds no text of 4 GiB.
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            hasher.update(length.to_be_bytes());
            hasher.update(text);
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::json;

    use super::*;
    use crate::chain::{self, Entry};
    use crate::merkle;

    const FORMAT: &str = include_str!("../../docs/ledger-format.md");

    #[test]
    fn the_worked_example_of_the_documented_format_is_what_the_program_computes() {
        let payload = text(&json!({
            "type": "opened", "name": "Zoë \"€\" \u{1}", "floor": -2, "limits": [1, 9_007_199_254_740_991_u64], "note": null
        }))
        .unwrap();
        let metadata = text(&json!({"actor_kind": "user", "actor_id": "7"})).unwrap();
        let content = Content {
            append_id: Uuid::from_u128(0x019b_7c2f_0e54_7d2c_9d0c_6a1f_0e2b_7d11),
            aggregate_type: "account",
            aggregate_id: "a",
            sequence: 1,
            event_type: "opened",
            event_version: "1.0",
            payload: &payload,
            metadata: &metadata,
        };
        let recorded_at: DateTime<Utc> = "2026-01-02T03:04:05.678901Z".parse().unwrap();
        let digest = content.digest();
        let entry = Entry::new(1, recorded_at, &digest);
        for expected in [
            payload,
            metadata,
            hex::encode(digest),
            recorded_at.timestamp_micros().to_string(),
            hex::encode(entry.0),
            hex::encode(entry.link(&chain::START)),
            hex::encode(merkle::leaf(&entry)),
        ] {
            assert!(
                FORMAT.contains(&expected),
                "docs/ledger-format.md lacks {expected}"
            );
        }
    }

    #[test]
    fn json_is_written_as_another_implementation_of_rfc_8785_writes_it() {
        let names = [
            "a",
            "B",
            "\u{e9}",
            "\u{20ac}",
            "\u{ff5e}",
            "\u{1f600}",
            "\"",
            "\\",
            "\n",
            "\u{1}",
            "\u{1f}",
            "\u{7f}",
            "\u{2028}",
            "<&>",
            "",
        ];
        let object: serde_json::Map<_, _> = names
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    json!({"text": name, "list": [null, true, -7]}),
                )
            })
            .collect();
        for value in [
            Value::Object(object),
            json!([]),
            json!({}),
            json!([false, 0, -9_007_199_254_740_991_i64]),
            Value::String((1..=0x24f_u32).filter_map(char::from_u32).collect()),
        ] {
            assert_eq!(
                text(&value).unwrap(),
                serde_json_canonicalizer::to_string(&value).unwrap()
            );
        }
    }

    #[test]
    fn texts_that_run_into_one_another_have_other_digests() {
        let digest = |aggregate_type, aggregate_id| {
            Content {
                append_id: Uuid::nil(),
                aggregate_type,
                aggregate_id,
                sequence: 1,
                event_type: "e",
                event_version: "1.0",
                payload: "{}",
                metadata: "{}",
            }
            .digest()
        };
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
    }
}
