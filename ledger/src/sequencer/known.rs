//! What the appender knows of the ledger without asking: the head, and of what passed through it the streams' lengths and
//! the keys' holders. It holds for as long as nobody else appends, which every append finds out by the head.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use lru::LruCache;

use super::append::{Append, KeyChange};
use super::batch::{Outcome, Place};
use crate::chain::Entry;
use crate::{Position, UniqueKeyChange};

/// The last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub position: Position,
    pub hash: [u8; 32],
    pub recorded_at: DateTime<Utc>,
}

/// A stream: its type and its name.
type Stream = (String, String);

/// What is to become of a key, once an append is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyFate {
    /// Its holder gives it up.
    Freed,
    /// It is nobody's now, or the append is not made.
    Taken(Stream),
    /// It is whoever's.
    Seized(Stream),
}

/// A batch whose every append is made if the head is still the one known.
pub(super) struct Plan {
    pub before: Head,
    pub after: Head,
    pub places: Vec<Place>,
    pub keys: Vec<(String, KeyFate)>,
}

pub(super) struct Known {
    pub head: Option<Head>,
    streams: LruCache<Stream, i64>,
    /// `None`: nobody holds it.
    keys: LruCache<String, Option<Stream>>,
}

impl Known {
    /// Knows so many streams and so many keys at most.
    pub fn new(capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        Self {
            head: None,
            streams: LruCache::new(capacity),
            keys: LruCache::new(capacity),
        }
    }

    pub fn forget(&mut self) {
        self.head = None;
        self.streams.clear();
        self.keys.clear();
    }

    /// Decides a batch; `None` when not all of it is known to be right: then the database decides, under its lock.
    pub fn plan(&mut self, batch: &[&Append]) -> Option<Plan> {
        let before = self.head?;
        let mut keys = Vec::new();
        for append in batch {
            if !self.meets_expectations(append) {
                return None;
            }
            keys.extend(self.fates(append)?);
        }
        let mut after = before;
        let places = batch.iter().map(|append| after.extend(append)).collect();
        Some(Plan {
            before,
            after,
            places,
            keys,
        })
    }

    /// A stream believed to be new need not be known: its first event cannot be recorded twice.
    fn meets_expectations(&mut self, append: &Append) -> bool {
        append.expected.iter().all(|stream| {
            let name = (stream.aggregate_type.clone(), stream.aggregate_id.clone());
            if let Some(sequence) = self.streams.get(&name) {
                return *sequence == stream.sequence;
            }
            let mut events = append.events_of(&name.0, &name.1);
            stream.sequence == 0 && events.next().is_some()
        })
    }

    /// What becomes of the append's keys; `None` when it is not known, or the append fails.
    fn fates(&mut self, append: &Append) -> Option<Vec<(String, KeyFate)>> {
        let mut fates: HashMap<&str, (Option<Stream>, Option<KeyFate>)> = HashMap::new();
        let mut order = Vec::new();
        for key in &append.keys {
            let name = key.change.key();
            if !fates.contains_key(name) {
                let known = self.keys.get(name).cloned();
                let is_decidable = known.is_some()
                    || matches!(
                        key.change,
                        UniqueKeyChange::Take(_) | UniqueKeyChange::Seize(_)
                    );
                if !is_decidable {
                    return None;
                }
                order.push(name);
                fates.insert(name, (known.flatten(), None));
            }
            let (holder, fate) = fates.get_mut(name)?;
            change(key, holder, fate)?;
        }
        let fate = |name: &str| Some((name.to_owned(), fates.get_mut(name)?.1.take()?));
        Some(order.into_iter().filter_map(fate).collect())
    }

    /// Remembers what a batch led to.
    pub fn learn(&mut self, batch: &[&Append], outcomes: &[Outcome]) {
        for (append, outcome) in batch.iter().zip(outcomes) {
            let is_made = matches!(outcome, Outcome::Appended(_));
            for stream in &append.expected {
                let name = (stream.aggregate_type.clone(), stream.aggregate_id.clone());
                if is_made {
                    let added = append.events_of(&name.0, &name.1).count();
                    let added = i64::try_from(added).unwrap_or_default();
                    self.streams.put(name, stream.sequence + added);
                } else {
                    self.streams.pop(&name);
                }
            }
            for key in &append.keys {
                let name = key.change.key();
                match &key.change {
                    _ if !is_made => drop(self.keys.pop(name)),
                    UniqueKeyChange::Free(_) => {
                        let holder = self.keys.get_mut(name);
                        if let Some(holder) = holder.filter(|holder| **holder == Some(key.stream()))
                        {
                            *holder = None;
                        }
                    }
                    UniqueKeyChange::Take(_)
                    | UniqueKeyChange::Seize(_)
                    | UniqueKeyChange::Require(_) => {
                        self.keys.put(name.to_owned(), Some(key.stream()));
                    }
                }
            }
        }
    }
}

impl KeyChange {
    fn stream(&self) -> Stream {
        (self.aggregate_type.clone(), self.aggregate_id.clone())
    }
}

/// Applies a change of a key to its holder and its fate; `None` when the append fails by it.
fn change(key: &KeyChange, holder: &mut Option<Stream>, fate: &mut Option<KeyFate>) -> Option<()> {
    let stream = key.stream();
    let is_mine = holder.as_ref() == Some(&stream);
    let is_change = !is_mine || matches!(key.change, UniqueKeyChange::Free(_));
    match &key.change {
        // Whether it was nobody's is found out by taking it, and by nothing else.
        _ if is_change && matches!(fate, Some(KeyFate::Taken(_))) => return None,
        UniqueKeyChange::Take(_) if !is_mine && holder.is_some() => return None,
        UniqueKeyChange::Require(_) if !is_mine => return None,
        UniqueKeyChange::Take(_) if !is_mine => {
            // Freed before within the append: then its row is there.
            *fate = Some(match fate {
                None => KeyFate::Taken(stream.clone()),
                Some(_) => KeyFate::Seized(stream.clone()),
            });
            *holder = Some(stream);
        }
        UniqueKeyChange::Seize(_) if !is_mine => {
            *fate = Some(KeyFate::Seized(stream.clone()));
            *holder = Some(stream);
        }
        UniqueKeyChange::Free(_) if is_mine => {
            *fate = Some(KeyFate::Freed);
            *holder = None;
        }
        UniqueKeyChange::Take(_)
        | UniqueKeyChange::Seize(_)
        | UniqueKeyChange::Free(_)
        | UniqueKeyChange::Require(_) => {}
    }
    Some(())
}

impl Head {
    /// Puts an append's events behind the last one.
    fn extend(&mut self, append: &Append) -> Place {
        let recorded_at = self.recorded_at.max(in_microseconds(append.given_at));
        self.extend_at(append, recorded_at)
    }

    /// As [`extend`](Self::extend), at a given time.
    pub fn extend_at(&mut self, append: &Append, recorded_at: DateTime<Utc>) -> Place {
        let first = self.position.next();
        self.recorded_at = recorded_at;
        let hashes = append.events.iter().map(|draft| {
            self.position = self.position.next();
            let entry = Entry::new(self.position.0, self.recorded_at, &draft.content);
            self.hash = entry.link(&self.hash);
            self.hash
        });
        let hashes = hashes.collect();
        Place {
            first: first.0,
            recorded_at: self.recorded_at,
            hashes,
        }
    }
}

/// The time as PostgreSQL keeps it.
fn in_microseconds(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}
