//! Writes events into a log in bulk: COPY instead of the ledger's appends, with the hash chain computed here from its
//! documented format. That `chancery audit verify` accepts the result checks the format from a second implementation.

use std::collections::HashMap;

use anyhow::Context;
use chancery_aggregates::{Noun, UniqueKey};
use chancery_ledger::EventMetadata;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use cqrs_es::DomainEvent;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgCopyIn;
use sqlx::{Connection, PgConnection, Row};
use uuid::Uuid;

const LOCK_HEAD: &str = "SELECT position, hash, recorded_at FROM ledger_head FOR UPDATE";
const COPY_EVENTS: &str = "COPY events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
    position, append_id, recorded_at, hash) FROM STDIN";
const COPY_KEYS: &str = "COPY unique_keys (key, aggregate_type, aggregate_id) FROM STDIN";
const MOVE_HEAD: &str = "UPDATE ledger_head SET position = $1, hash = $2, recorded_at = $3";
const CHUNK: usize = 1 << 20;

/// The end of the log: what the next event is chained to.
#[derive(Clone, Debug)]
pub struct Head {
    /// Position of the last event.
    pub position: i64,
    hash: [u8; 32],
    recorded_at: DateTime<Utc>,
}

/// Events to be written after a log's head.
pub struct Journal {
    head: Head,
    rows: Vec<u8>,
    keys: HashMap<String, (&'static str, String)>,
}

impl Journal {
    /// Position of the last event so far.
    pub fn position(&self) -> i64 {
        self.head.position
    }

    /// The time of the next append: a microsecond after the last one's.
    pub fn next_append(&mut self) -> DateTime<Utc> {
        self.head.recorded_at += TimeDelta::microseconds(1);
        self.head.recorded_at
    }

    /// Adds `event` as number `sequence` of the stream `aggregate_id`, in the append `append_id` at the current time.
    pub fn record<N: Noun>(
        &mut self,
        append_id: Uuid,
        aggregate_id: &str,
        sequence: i64,
        event: &N::Event,
        metadata: &EventMetadata,
    ) -> anyhow::Result<()> {
        for key in N::keys(aggregate_id, event) {
            self.change_key::<N>(aggregate_id, key)?;
        }
        let (event_type, event_version) = (event.event_type(), event.event_version());
        let (payload, metadata) = (
            serde_json_canonicalizer::to_string(event)?,
            serde_json_canonicalizer::to_string(metadata)?,
        );
        let mut content = Sha256::new()
            .chain_update(append_id)
            .chain_update(sequence.to_be_bytes());
        for text in [
            N::TYPE,
            aggregate_id,
            &event_type,
            &event_version,
            &payload,
            &metadata,
        ] {
            content.update(u32::try_from(text.len())?.to_be_bytes());
            content.update(text);
        }
        self.head.position += 1;
        self.head.hash = Sha256::new()
            .chain_update(self.head.hash)
            .chain_update(self.head.position.to_be_bytes())
            .chain_update(self.head.recorded_at.timestamp_micros().to_be_bytes())
            .chain_update(content.finalize())
            .finalize()
            .into();
        row(
            &mut self.rows,
            &[
                N::TYPE,
                aggregate_id,
                &sequence.to_string(),
                &event_type,
                &event_version,
                &payload,
                &metadata,
                &self.head.position.to_string(),
                &append_id.to_string(),
                &self
                    .head
                    .recorded_at
                    .to_rfc3339_opts(SecondsFormat::Micros, true),
                &format!("\\x{}", hex::encode(self.head.hash)),
            ],
        );
        Ok(())
    }

    fn change_key<N: Noun>(&mut self, id: &str, change: UniqueKey) -> anyhow::Result<()> {
        let mine = |holder: Option<&(&'static str, String)>| {
            holder.is_some_and(|(kind, holder)| *kind == N::TYPE && holder == id)
        };
        match change {
            UniqueKey::Take(key) => {
                let holder = self.keys.get(&key);
                anyhow::ensure!(holder.is_none() || mine(holder), "{key} is taken twice");
                self.keys.insert(key, (N::TYPE, id.to_owned()));
            }
            UniqueKey::Seize(key) => {
                self.keys.insert(key, (N::TYPE, id.to_owned()));
            }
            UniqueKey::Free(key) => {
                if mine(self.keys.get(&key)) {
                    self.keys.remove(&key);
                }
            }
            UniqueKey::Require(key) => {
                anyhow::ensure!(mine(self.keys.get(&key)), "{key} is not held by {id}");
            }
        }
        Ok(())
    }
}

/// Appends what `fill` records to the log behind `connection`, in one transaction under the head's lock. `fill` is called
/// until it answers that nothing is left; what it has recorded is sent in between.
pub async fn append(
    connection: &mut PgConnection,
    mut fill: impl FnMut(&mut Journal) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    let head = sqlx::query(LOCK_HEAD).fetch_one(&mut *transaction).await?;
    let hash: Vec<u8> = head.try_get("hash")?;
    let mut journal = Journal {
        head: Head {
            position: head.try_get("position")?,
            hash: hash
                .try_into()
                .ok()
                .context("the head's hash is not of 32 bytes")?,
            recorded_at: head.try_get("recorded_at")?,
        },
        rows: Vec::with_capacity(2 * CHUNK),
        keys: HashMap::new(),
    };

    let mut copy = transaction.copy_in_raw(COPY_EVENTS).await?;
    while fill(&mut journal)? {
        if journal.rows.len() >= CHUNK {
            send(&mut copy, &mut journal.rows).await?;
        }
    }
    send(&mut copy, &mut journal.rows).await?;
    copy.finish().await?;

    let mut copy = transaction.copy_in_raw(COPY_KEYS).await?;
    for (key, (kind, id)) in &journal.keys {
        row(&mut journal.rows, &[key, kind, id]);
    }
    send(&mut copy, &mut journal.rows).await?;
    copy.finish().await?;

    sqlx::query(MOVE_HEAD)
        .bind(journal.head.position)
        .bind(&journal.head.hash[..])
        .bind(journal.head.recorded_at)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

async fn send(
    copy: &mut PgCopyIn<&mut PgConnection>,
    rows: &mut Vec<u8>,
) -> Result<(), sqlx::Error> {
    copy.send(rows.as_slice()).await?;
    rows.clear();
    Ok(())
}

/// One line of COPY's text format.
fn row(rows: &mut Vec<u8>, fields: &[&str]) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            rows.push(b'\t');
        }
        for &byte in field.as_bytes() {
            match byte {
                b'\\' => rows.extend_from_slice(b"\\\\"),
                b'\t' => rows.extend_from_slice(b"\\t"),
                b'\n' => rows.extend_from_slice(b"\\n"),
                b'\r' => rows.extend_from_slice(b"\\r"),
                _ => rows.push(byte),
            }
        }
    }
    rows.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_row_survives_its_own_separators() {
        let mut rows = Vec::new();
        row(&mut rows, &["a\tb", r#"{"k":"\n"}"#, "line\nend"]);
        assert_eq!(rows, b"a\\tb\t{\"k\":\"\\\\n\"}\tline\\nend\n");
    }
}
