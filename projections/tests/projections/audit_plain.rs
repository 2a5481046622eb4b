//! The audit trail derived in the plainest way: every stream replayed from its first event for each entry.

use std::sync::Arc;

use chancery_aggregates::audit::{Audited, AuditedVisitor, Entry, Kind};
use chancery_aggregates::nouns;
use chancery_ledger::{Position, RecordedEvent};
use chancery_noun::Folded;
use chancery_projections::audit::AuditEntry;
use serde_json::{Map, Value, json};

use crate::history::History;

/// An entry in the plainest way.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) event: Arc<RecordedEvent>,
    pub(crate) entry: Entry,
    /// Field, old, new; secrets without their values.
    pub(crate) diff: Vec<(String, Value, Value)>,
}

/// Derives an event's entry from the events of its stream up to it.
struct Derive<'a> {
    stream: &'a [Arc<RecordedEvent>],
    found: Option<Plain>,
}

impl AuditedVisitor for Derive<'_> {
    fn visit<N: Audited>(&mut self) {
        let (event, before) = self.stream.split_last().unwrap();
        if event.aggregate_type != N::TYPE {
            return;
        }
        let id = event.aggregate_id.as_str();
        let Some(entry) = N::entry(id, &event.decode().unwrap()).unwrap() else {
            return;
        };
        if entry.action.is_none() {
            return;
        }
        let mut folded = Folded::<N>::default();
        for event in before {
            folded.evolve(event.decode().unwrap(), event.recorded_at);
        }
        let old = view(&folded, id, &entry);
        folded.evolve(event.decode().unwrap(), event.recorded_at);
        let new = view(&folded, id, &entry);
        self.found = Some(Plain {
            event: Arc::clone(event),
            diff: difference(&entry, &old, &new),
            entry,
        });
    }
}

fn view<N: Audited>(folded: &Folded<N>, id: &str, entry: &Entry) -> Map<String, Value> {
    let thing = folded.life.live();
    let Some(Value::Object(mut view)) = thing.and_then(|thing| thing.view(id, entry.resource))
    else {
        return Map::new();
    };
    for (name, value) in [
        ("id", json!(id)),
        ("created_at", json!(folded.created_at)),
        ("updated_at", json!(folded.updated_at)),
    ] {
        view.entry(name).or_insert(value);
    }
    view
}

fn difference(
    entry: &Entry,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Vec<(String, Value, Value)> {
    const ZEROS: [&str; 5] = ["\"\"", "\"0001-01-01T00:00:00Z\"", "false", "0", "[]"];
    let mut changed = Vec::new();
    for field in entry.resource.fields {
        let side = |view: &Map<String, Value>| {
            let value = view.get(field.name).filter(|value| !value.is_null());
            value
                .cloned()
                .filter(|value| !ZEROS.contains(&value.to_string().as_str()))
        };
        let (old, new) = (side(old), side(new));
        if old == new || entry.refusal.is_some() || field.kind == Kind::Title {
            continue;
        }
        if field.kind == Kind::Secret {
            changed.push((field.name.to_owned(), Value::Null, Value::Null));
        } else {
            let shown = |side: Option<Value>| side.unwrap_or(Value::Null);
            changed.push((field.name.to_owned(), shown(old), shown(new)));
        }
    }
    changed.sort_by(|one, other| one.0.cmp(&other.0));
    changed
}

/// All entries, newest first.
pub(crate) async fn plain(history: &History) -> Vec<Plain> {
    let events = history
        .world
        .ledger
        .read(Position::START, 10_000)
        .await
        .unwrap();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate().rev() {
        let stream: Vec<_> = events[..=index]
            .iter()
            .filter(|other| {
                (&other.aggregate_type, &other.aggregate_id)
                    == (&event.aggregate_type, &event.aggregate_id)
            })
            .cloned()
            .collect();
        let mut derive = Derive {
            stream: &stream,
            found: None,
        };
        nouns::visit_audited(&mut derive);
        found.extend(derive.found);
    }
    found
}

/// What an entry says of itself as a [`Plain`] one does.
pub(crate) fn stripped(entry: &AuditEntry) -> Vec<(String, Value, Value)> {
    let diff = entry.diff.as_object().unwrap().iter();
    let mut fields: Vec<_> = diff
        // What a thing is called is not a part of its stream.
        .filter(|(name, _)| {
            (entry.resource_type, name.as_str()) != ("organization_member", "username")
        })
        .map(|(name, change)| {
            let side = |side: &str| {
                let value = &change[side];
                let zero = [
                    json!(""),
                    json!("0001-01-01T00:00:00Z"),
                    json!(false),
                    json!(0),
                    json!([]),
                ];
                if zero.contains(value) {
                    Value::Null
                } else {
                    value.clone()
                }
            };
            (name.clone(), side("old"), side("new"))
        })
        .collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    fields
}
