//! Unique keys are derived from events; this derives them again and compares.

use std::collections::BTreeMap;

use chancery_noun::UniqueKey;
use sqlx::Row;

use crate::{Ledger, Position, ReadError, reader};

const UNIQUE_KEYS: &str = include_str!("sql/unique_keys.sql");
const PAGE: usize = 1000;

/// The stream that holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// Kind of the stream.
    pub aggregate_type: String,
    /// Name of the stream.
    pub aggregate_id: String,
}

/// A key whose holder in the table is not the one that the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDifference {
    /// The key.
    pub key: String,
    /// Its holder by the events.
    pub derived: Option<KeyHolder>,
    /// Its holder by the table.
    pub stored: Option<KeyHolder>,
}

impl Ledger {
    /// Derives all unique keys from the events and compares them with the table; no differences: it is right. Meant for
    /// a ledger at rest: appends made meanwhile can show as differences.
    pub async fn check_unique_keys(&self) -> Result<Vec<KeyDifference>, ReadError> {
        let mut derived = self.derive_unique_keys().await?;
        let rows = sqlx::query(UNIQUE_KEYS).fetch_all(&self.0.pool).await?;
        let mut differences = Vec::new();
        for row in rows {
            let key: String = row.try_get("key")?;
            let stored = Some(KeyHolder {
                aggregate_type: row.try_get("aggregate_type")?,
                aggregate_id: row.try_get("aggregate_id")?,
            });
            let derived = derived.remove(&key);
            if derived != stored {
                differences.push(KeyDifference {
                    key,
                    derived,
                    stored,
                });
            }
        }
        differences.extend(derived.into_iter().map(|(key, holder)| KeyDifference {
            key,
            derived: Some(holder),
            stored: None,
        }));
        Ok(differences)
    }

    async fn derive_unique_keys(&self) -> Result<BTreeMap<String, KeyHolder>, ReadError> {
        let types = &self.0.types;
        let mut keys = BTreeMap::new();
        let mut after = Position::START;
        loop {
            let page = self.read_raw(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(keys);
            };
            after = last.position;
            for event in page {
                let event = reader::upcast(types, event)?;
                let changes = types
                    .keys(&event.aggregate_type, &event.aggregate_id, &event.payload)
                    .map_err(|error| ReadError::Malformed {
                        position: event.position,
                        reason: error.to_string(),
                    })?;
                let holder = KeyHolder {
                    aggregate_type: event.aggregate_type,
                    aggregate_id: event.aggregate_id,
                };
                for change in changes {
                    apply(&mut keys, &holder, change);
                }
            }
        }
    }
}

fn apply(keys: &mut BTreeMap<String, KeyHolder>, holder: &KeyHolder, change: UniqueKey) {
    match change {
        UniqueKey::Take(key) | UniqueKey::Seize(key) => {
            keys.insert(key, holder.clone());
        }
        UniqueKey::Free(key) => {
            if keys.get(&key) == Some(holder) {
                keys.remove(&key);
            }
        }
        UniqueKey::Require(_) => {}
    }
}
