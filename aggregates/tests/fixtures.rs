//! Events are forever: the JSON of every event type and version is kept under `fixtures/<noun>/<event type>.<version>.json`
//! and does not change. A new event gets its file by hand: an example with every optional field present.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may panic as the test may"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chancery_aggregates::nouns::{self, EVENT_TYPES};
use chancery_noun::{EventTypes, Noun, NounVisitor};
use cqrs_es::DomainEvent;
use cqrs_es::persist::SerializedEvent;
use serde_json::Value;

#[test]
fn recorded_events_keep_their_json() {
    nouns::visit(&mut Check);
}

#[test]
fn every_noun_has_a_fixture_folder_and_every_folder_a_noun() {
    let folders: BTreeSet<String> = names(&root()).collect();
    let nouns: BTreeSet<String> = EVENT_TYPES
        .iter()
        .map(|(noun, _)| (*noun).to_owned())
        .collect();
    assert_eq!(folders, nouns);
}

#[test]
fn event_types_are_unique_across_nouns() {
    let mut seen = BTreeSet::new();
    for event_type in EVENT_TYPES.iter().flat_map(|(_, types)| *types) {
        assert!(seen.insert(event_type), "{event_type} is used twice");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn names(folder: &Path) -> impl Iterator<Item = String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
}

/// Checks the fixtures of each noun.
struct Check;

impl NounVisitor for Check {
    fn visit<N: Noun>(&mut self) {
        let folder = root().join(N::TYPE);
        let mut present = BTreeSet::new();
        for name in names(&folder) {
            let path = folder.join(&name);
            let Some((event_type, version)) = name
                .strip_suffix(".json")
                .and_then(|stem| stem.split_once('.'))
            else {
                panic!(
                    "{} is not named <event type>.<version>.json",
                    path.display()
                );
            };
            if check::<N>(&path, event_type, version) {
                present.insert(event_type.to_owned());
            }
        }
        for event_type in N::Event::VARIANTS {
            assert!(
                present.contains(*event_type),
                "{} has no fixture of the present version of {event_type}",
                folder.display()
            );
        }
    }
}

/// Checks one fixture; whether it is one of a present version. An older version, or a type that is no longer recorded, is
/// made a present event by the noun's upcasters.
fn check<N: Noun>(path: &Path, event_type: &str, version: &str) -> bool {
    let text = fs::read_to_string(path).unwrap();
    let payload: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(payload["type"], event_type, "{}", path.display());
    let stored = SerializedEvent::new(
        "fixture".to_owned(),
        1,
        N::TYPE.to_owned(),
        event_type.to_owned(),
        version.to_owned(),
        payload,
        Value::Null,
    );
    let upcast = N::upcasters().iter().fold(stored, |event, upcaster| {
        if upcaster.can_upcast(&event.event_type, &event.event_version) {
            upcaster.upcast(event)
        } else {
            event
        }
    });
    let event: N::Event = serde_json::from_value(upcast.payload).unwrap_or_else(|error| {
        panic!(
            "{} is no event that the program knows: {error}. Give the changed event a new version, an upcaster from the \
             old one, and a fixture of its own.",
            path.display()
        )
    });
    assert_eq!(event.event_type(), upcast.event_type, "{}", path.display());
    let is_present = event.event_type() == event_type && event.event_version() == version;
    if is_present {
        assert_eq!(
            format!("{}\n", serde_json::to_string_pretty(&event).unwrap()),
            text,
            "the JSON of a recorded event changed: {}. Leave the fixture as it is; give the event a new version, an \
             upcaster from the old one, and a fixture of its own.",
            path.display()
        );
    }
    is_present
}
