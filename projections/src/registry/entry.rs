//! What a batch of events comes to, stream by stream.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chancery_ledger::RecordedEvent;
use chancery_noun::{Folded, Life, Noun};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::ApplyError;
use crate::event::decode;

/// A noun of the registry.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub noun_type: &'static str,
    pub state_version: u32,
    /// The thing of a row, or one that does not exist yet.
    thing: fn(Option<Stored>) -> serde_json::Result<Box<dyn Thing>>,
}

impl Entry {
    pub const fn of<N: Noun>() -> Self {
        Self {
            noun_type: N::TYPE,
            state_version: N::STATE_VERSION,
            thing: |stored| {
                let folded = match stored {
                    None => Folded::<N>::default(),
                    Some(stored) => Folded {
                        life: Life::Live(serde_json::from_str(&stored.state)?),
                        created_at: stored.created_at,
                        updated_at: stored.updated_at,
                    },
                };
                Ok(Box::new(folded))
            },
        }
    }
}

/// A thing of whatever noun.
trait Thing: Send + Sync {
    fn evolve(&mut self, event: &RecordedEvent) -> Result<(), ApplyError>;
    /// Its row; `None` while there is no such thing.
    fn row(&self) -> serde_json::Result<Option<Row>>;
}

impl<N: Noun> Thing for Folded<N> {
    fn evolve(&mut self, event: &RecordedEvent) -> Result<(), ApplyError> {
        Self::evolve(self, decode(event)?, event.recorded_at);
        Ok(())
    }

    fn row(&self) -> serde_json::Result<Option<Row>> {
        let Some(thing) = self.life.live() else {
            return Ok(None);
        };
        Ok(Some(Row {
            owner_id: thing.owner_id().unwrap_or_default(),
            name_key: thing.name_key().unwrap_or_default(),
            ends_at: thing.ends_at(),
            state: serde_json::to_string(thing)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }))
    }
}

/// What a row says of a thing.
struct Row {
    owner_id: Uuid,
    name_key: String,
    ends_at: Option<DateTime<Utc>>,
    state: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A row as it is read to build on.
#[derive(FromRow)]
struct Stored {
    #[sqlx(rename = "type")]
    noun_type: String,
    id: String,
    state: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Applies a batch: one read, one write, and one deletion where something was deleted.
pub(super) async fn apply(
    entries: &[Entry],
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let mut things = read(entries, events, connection).await?;
    for event in events {
        if let Some(thing) = things.get_mut(&stream(event)) {
            thing.evolve(event)?;
        }
    }
    write(&things, connection).await
}

type Things<'a> = BTreeMap<(&'a str, &'a str), Box<dyn Thing>>;

fn stream(event: &RecordedEvent) -> (&str, &str) {
    (&event.aggregate_type, &event.aggregate_id)
}

/// The things that a batch is about, as they are before it.
async fn read<'a>(
    entries: &[Entry],
    events: &'a [Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<Things<'a>, ApplyError> {
    let streams: BTreeSet<(&str, &str)> = events.iter().map(|event| stream(event)).collect();
    // What begins in the batch has no row.
    let begins = events.iter().filter(|event| event.sequence == 1);
    let begun: BTreeSet<(&str, &str)> = begins.map(|event| stream(event)).collect();
    let (types, ids): (Vec<&str>, Vec<&str>) = streams.difference(&begun).copied().unzip();
    let stored: Vec<Stored> = sqlx::query_as(include_str!("sql/read.sql"))
        .bind(types)
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let mut stored: HashMap<(String, String), Stored> = stored
        .into_iter()
        .map(|row| ((row.noun_type.clone(), row.id.clone()), row))
        .collect();
    let mut things = Things::new();
    for (noun_type, id) in streams {
        if let Some(entry) = entries.iter().find(|entry| entry.noun_type == noun_type) {
            let stored = stored.remove(&(noun_type.to_owned(), id.to_owned()));
            let thing = (entry.thing)(stored).map_err(undecodable)?;
            things.insert((noun_type, id), thing);
        }
    }
    Ok(things)
}

async fn write(things: &Things<'_>, connection: &mut PgConnection) -> Result<(), ApplyError> {
    let (mut types, mut ids, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    let (mut gone_types, mut gone_ids) = (Vec::new(), Vec::new());
    for ((noun_type, id), thing) in things {
        if let Some(row) = thing.row().map_err(undecodable)? {
            types.push(*noun_type);
            ids.push(*id);
            rows.push(row);
        } else {
            gone_types.push(*noun_type);
            gone_ids.push(*id);
        }
    }
    if !rows.is_empty() {
        sqlx::query(include_str!("sql/write.sql"))
            .bind(types)
            .bind(ids)
            .bind(rows.iter().map(|row| row.owner_id).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| &*row.name_key).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.ends_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| &*row.state).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.created_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.updated_at).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
    }
    if !gone_ids.is_empty() {
        sqlx::query(include_str!("sql/delete.sql"))
            .bind(gone_types)
            .bind(gone_ids)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// A state of this version that this program cannot read or write: a fault of the program, not of an event.
fn undecodable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
