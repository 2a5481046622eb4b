use std::collections::BTreeMap;

use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::organization::OrganizationId;
use crate::provisioner_key::ProvisionerKeyId;

const HOME: OrganizationId = OrganizationId::from_u128(1);
const ELSEWHERE: OrganizationId = OrganizationId::from_u128(2);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<ProvisionerDaemon>> {
    TestFramework::with(()).given(events)
}

fn session(number: u128) -> Session {
    Session {
        session_id: SessionId::from_u128(number),
        key_id: Some(ProvisionerKeyId::from_u128(9)),
        version: "v2.24.0".to_owned(),
        api_version: "1.20".to_owned(),
        provisioners: BTreeSet::from([ProvisionerType::Echo]),
        tags: ProvisionerTags::default(),
    }
}

fn connect(organization_id: OrganizationId, name: &str, number: u128) -> Command {
    Command::ConnectProvisionerDaemon {
        organization_id,
        name: name.to_owned(),
        session: session(number),
    }
}

fn connected(number: u128) -> Event {
    Event::ProvisionerDaemonConnected {
        organization_id: HOME,
        name: "builder".to_owned(),
        session: session(number),
    }
}

fn disconnected(number: u128) -> Event {
    let session_id = SessionId::from_u128(number);
    Event::ProvisionerDaemonDisconnected { session_id }
}

fn deleted() -> Event {
    Event::ProvisionerDaemonDeleted {
        organization_id: HOME,
        name: "builder".to_owned(),
    }
}

fn disconnect(number: u128) -> Command {
    let session_id = SessionId::from_u128(number);
    Command::DisconnectProvisionerDaemon { session_id }
}

#[test]
fn a_daemon_that_comes_again_is_the_same_whether_its_last_session_is_over_or_not() {
    for history in [
        vec![],
        vec![connected(1)],
        vec![connected(1), disconnected(1)],
    ] {
        given(history)
            .when(connect(HOME, "builder", 2))
            .then_expect_events(vec![connected(2)]);
    }
}

#[test]
fn another_daemon_does_not_come_in_its_place() {
    for command in [connect(ELSEWHERE, "builder", 2), connect(HOME, "other", 2)] {
        given(vec![connected(1)])
            .when(command)
            .then_expect_error(Error::OtherDaemon);
    }
    given(vec![connected(1), deleted()])
        .when(connect(HOME, "builder", 2))
        .then_expect_error(Error::OtherDaemon);
}

#[test]
fn only_the_end_of_its_present_session_disconnects_it_and_once() {
    given(vec![connected(1)])
        .when(disconnect(1))
        .then_expect_events(vec![disconnected(1)]);
    for history in [
        vec![],
        vec![connected(1), disconnected(1)],
        vec![connected(1), connected(2)],
        vec![connected(1), deleted()],
    ] {
        given(history)
            .when(disconnect(1))
            .then_expect_events(vec![]);
    }
}

#[test]
fn a_daemon_goes_with_the_key_that_it_came_in_by_and_its_name_is_free_again() {
    let delete = |number| {
        let key_id = ProvisionerKeyId::from_u128(number);
        Command::DeleteProvisionerDaemon { key_id }
    };
    given(vec![connected(1)])
        .when(delete(9))
        .then_expect_events(vec![deleted()]);
    given(vec![connected(1)])
        .when(delete(8))
        .then_expect_events(vec![]);
    for history in [vec![], vec![connected(1), deleted()]] {
        given(history).when(delete(9)).then_expect_events(vec![]);
    }
    let key = format!("provisioner_daemon_name:{HOME}:builder");
    let keys = |event: &Event| ProvisionerDaemon::keys("", event);
    assert_eq!(keys(&connected(1)), [UniqueKey::Take(key.clone())]);
    assert_eq!(keys(&disconnected(1)), []);
    assert_eq!(keys(&deleted()), [UniqueKey::Free(key)]);
}

#[test]
fn the_state_is_the_last_session() {
    let mut state = Life::Unknown;
    for event in [connected(1), disconnected(1), connected(2)] {
        ProvisionerDaemon::evolve(&mut state, event);
    }
    let live = state.live().unwrap();
    assert!(live.is_connected);
    assert_eq!(live.session, session(2));
    let json = serde_json::to_value(live).unwrap();
    assert_eq!(json["provisioners"], serde_json::json!(["echo"]));
    let tags = BTreeMap::<String, String>::new();
    assert_eq!(json["tags"], serde_json::json!(tags));
}
