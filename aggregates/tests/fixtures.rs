//! Events are forever: the JSON of every event type and version is kept under `fixtures/`, one file each, and does not
//! change.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may panic as the test may"
)]

mod samples;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use chancery_aggregates::{Recorded, api_key, catalogue, deployment, group, login_refusal};
use chancery_aggregates::{oauth2_app, oauth2_grant, organization, organization_member, user};
use cqrs_es::DomainEvent;
use cqrs_es::persist::SerializedEvent;

#[test]
fn deployment_events_keep_their_json() {
    check::<deployment::Deployment>(samples::identity::deployment());
}

#[test]
fn organization_events_keep_their_json() {
    check::<organization::Organization>(samples::identity::organization());
}

#[test]
fn organization_member_events_keep_their_json() {
    check::<organization_member::OrganizationMember>(samples::identity::organization_member());
}

#[test]
fn group_events_keep_their_json() {
    check::<group::Group>(samples::identity::group());
}

#[test]
fn user_events_keep_their_json() {
    check::<user::User>(samples::identity::user());
}

#[test]
fn api_key_events_keep_their_json() {
    check::<api_key::ApiKey>(samples::identity::api_key());
}

#[test]
fn login_refusal_events_keep_their_json() {
    check::<login_refusal::LoginRefusal>(samples::identity::login_refusal());
}

#[test]
fn oauth2_app_events_keep_their_json() {
    check::<oauth2_app::OAuth2App>(samples::oauth2::oauth2_app());
}

#[test]
fn oauth2_grant_events_keep_their_json() {
    check::<oauth2_grant::OAuth2Grant>(samples::oauth2::oauth2_grant());
}

#[test]
fn every_aggregate_has_a_fixture_folder_and_every_folder_an_aggregate() {
    let folders: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let aggregates: BTreeSet<String> = catalogue::EVENT_TYPES
        .iter()
        .map(|(aggregate, _)| (*aggregate).to_owned())
        .collect();
    assert_eq!(folders, aggregates);
}

#[test]
fn event_types_are_unique_across_aggregates() {
    let mut seen = BTreeSet::new();
    for event_type in catalogue::EVENT_TYPES
        .iter()
        .flat_map(|(_, event_types)| *event_types)
    {
        assert!(seen.insert(event_type), "{event_type} is used twice");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Checks the fixtures of one aggregate against a sample of each of its event variants.
fn check<A: Recorded>(samples: Vec<A::Event>) {
    let folder = root().join(A::TYPE);
    let mut current = BTreeSet::new();
    for sample in samples {
        let name = format!("{}.{}.json", sample.event_type(), sample.event_version());
        check_current(&folder.join(&name), &sample);
        current.insert(name);
    }
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !current.contains(&name) {
            check_older::<A>(&folder.join(&name), &name);
        }
    }
}

fn check_current<E: DomainEvent>(path: &std::path::Path, sample: &E) {
    let json = format!("{}\n", serde_json::to_string_pretty(sample).unwrap());
    if !path.exists() && std::env::var_os("UPDATE_FIXTURES").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &json).unwrap();
    }
    let Ok(fixture) = fs::read_to_string(path) else {
        panic!(
            "{} is missing. For a new event type or version run the tests once with UPDATE_FIXTURES=1, look at the \
             file and keep it.",
            path.display()
        );
    };
    assert_eq!(
        json,
        fixture,
        "the JSON of a recorded event changed: {}. Leave the fixture as it is; give the event a new version, add an \
         upcaster from the old version to `Recorded::upcasters`, and a fixture of the new one.",
        path.display()
    );
    let value: serde_json::Value = serde_json::from_str(&fixture).unwrap();
    assert_eq!(
        value["type"],
        sample.event_type(),
        "the payload's type is not the event type"
    );
    assert_eq!(
        &serde_json::from_str::<E>(&fixture).unwrap(),
        sample,
        "{}",
        path.display()
    );
}

/// An older version, or a type that is no longer recorded: its upcasters have to make a present event of it.
fn check_older<A: Recorded>(path: &std::path::Path, name: &str) {
    let (event_type, version) = name
        .strip_suffix(".json")
        .and_then(|stem| stem.split_once('.'))
        .unwrap_or_else(|| {
            panic!(
                "{} is not named <event_type>.<version>.json",
                path.display()
            )
        });
    let payload = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let stored = SerializedEvent::new(
        "fixture".to_owned(),
        1,
        A::TYPE.to_owned(),
        event_type.to_owned(),
        version.to_owned(),
        payload,
        serde_json::Value::Null,
    );
    let upcast = A::upcasters().iter().fold(stored, |event, upcaster| {
        if upcaster.can_upcast(&event.event_type, &event.event_version) {
            upcaster.upcast(event)
        } else {
            event
        }
    });
    let event: A::Event = serde_json::from_value(upcast.payload).unwrap_or_else(|error| {
        panic!(
            "no upcaster makes a present event of {}: {error}",
            path.display()
        )
    });
    assert_eq!(event.event_type(), upcast.event_type, "{}", path.display());
}
