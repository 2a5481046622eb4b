//! A batch decided from what is known of the log: the streams' lengths, the keys' holders and the head. That holds for as long
//! as nobody else appends, which the append finds out by the head.

use std::collections::HashMap;

use chancery_noun::UniqueKey;
use chrono::{DateTime, Utc};

use super::append::{Append, KeyChange};
use super::batch::Place;
use crate::chain::Entry;
use crate::memory::{Head, Known, StreamName};

/// What is to become of a key, once an append is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyFate {
    /// Its holder gives it up.
    Freed,
    /// It is nobody's now, or the append is not made.
    Taken(StreamName),
    /// It is whoever's.
    Seized(StreamName),
}

/// A batch whose every append is made if the head is still the one known.
pub(super) struct Plan {
    pub before: Head,
    pub after: Head,
    pub places: Vec<Place>,
    pub keys: Vec<(String, KeyFate)>,
}

/// Decides a batch; `None` when not all of it is known to be right: then the database decides, under its lock.
pub(super) fn plan(known: &mut Known, batch: &[&Append]) -> Option<Plan> {
    let before = known.head()?;
    let mut keys = Vec::new();
    for append in batch {
        if !meets_expectations(known, append) {
            return None;
        }
        keys.extend(fates(known, append)?);
    }
    let mut after = before;
    let places = batch
        .iter()
        .map(|append| extend(&mut after, append))
        .collect();
    Some(Plan {
        before,
        after,
        places,
        keys,
    })
}

/// A stream believed to be new need not be known: its first event cannot be recorded twice.
fn meets_expectations(known: &Known, append: &Append) -> bool {
    append.expected.iter().all(|stream| {
        let name = StreamName::new(&*stream.aggregate_type, &*stream.aggregate_id);
        if let Some(sequence) = known.sequence(&name) {
            return sequence == stream.sequence;
        }
        let mut events = append.events_of(&name.aggregate_type, &name.aggregate_id);
        stream.sequence == 0 && events.next().is_some()
    })
}

/// What becomes of the append's keys; `None` when it is not known, or the append fails.
fn fates(known: &mut Known, append: &Append) -> Option<Vec<(String, KeyFate)>> {
    let mut fates: HashMap<&str, (Option<StreamName>, Option<KeyFate>)> = HashMap::new();
    let mut order = Vec::new();
    for key in &append.keys {
        let name = key.change.key();
        if !fates.contains_key(name) {
            let holder = known.holder(name);
            let is_decidable =
                holder.is_some() || matches!(key.change, UniqueKey::Take(_) | UniqueKey::Seize(_));
            if !is_decidable {
                return None;
            }
            order.push(name);
            fates.insert(name, (holder.flatten(), None));
        }
        let (holder, fate) = fates.get_mut(name)?;
        change(key, holder, fate)?;
    }
    let fate = |name: &str| Some((name.to_owned(), fates.get_mut(name)?.1.take()?));
    Some(order.into_iter().filter_map(fate).collect())
}

impl KeyChange {
    fn stream(&self) -> StreamName {
        StreamName::new(&*self.aggregate_type, &*self.aggregate_id)
    }
}

/// Applies a change of a key to its holder and its fate; `None` when the append fails by it.
fn change(
    key: &KeyChange,
    holder: &mut Option<StreamName>,
    fate: &mut Option<KeyFate>,
) -> Option<()> {
    let stream = key.stream();
    let is_mine = holder.as_ref() == Some(&stream);
    let is_change = !is_mine || matches!(key.change, UniqueKey::Free(_));
    match &key.change {
        // Whether it was nobody's is found out by taking it, and by nothing else.
        _ if is_change && matches!(fate, Some(KeyFate::Taken(_))) => return None,
        UniqueKey::Take(_) if !is_mine && holder.is_some() => return None,
        UniqueKey::Require(_) if !is_mine => return None,
        UniqueKey::Take(_) if !is_mine => {
            // Freed before within the append: then its row is there.
            *fate = Some(match fate {
                None => KeyFate::Taken(stream.clone()),
                Some(_) => KeyFate::Seized(stream.clone()),
            });
            *holder = Some(stream);
        }
        UniqueKey::Seize(_) if !is_mine => {
            *fate = Some(KeyFate::Seized(stream.clone()));
            *holder = Some(stream);
        }
        UniqueKey::Free(_) if is_mine => {
            *fate = Some(KeyFate::Freed);
            *holder = None;
        }
        UniqueKey::Take(_) | UniqueKey::Seize(_) | UniqueKey::Free(_) | UniqueKey::Require(_) => {}
    }
    Some(())
}

/// Puts an append's events behind the last one, which then is the last of them.
fn extend(head: &mut Head, append: &Append) -> Place {
    let first = head.position.next();
    head.recorded_at = head.recorded_at.max(in_microseconds(append.given_at));
    let hashes = append.events.iter().map(|draft| {
        head.position = head.position.next();
        let entry = Entry::new(head.position.0, head.recorded_at, &draft.content);
        head.hash = entry.link(&head.hash);
        head.hash
    });
    let hashes = hashes.collect();
    Place {
        first: first.0,
        recorded_at: head.recorded_at,
        hashes,
    }
}

/// The time as PostgreSQL keeps it.
fn in_microseconds(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}
