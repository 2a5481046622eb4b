use super::*;
use crate::oauth2::resource::Resource;

const CODE_OF_APP: &str =
    "oauth2_code:00000000-0000-0000-0000-000000000003:00000000-0000-0000-0000-000000000001";
const GRANT_OF_APP: &str =
    "oauth2_grant:00000000-0000-0000-0000-000000000003:00000000-0000-0000-0000-000000000001";

fn keys(event: &Event) -> Vec<UniqueKey> {
    OAuth2Grant::keys("grant00001", event)
}

/// The key of an app at [`RESOURCE`].
fn at_resource(key_of_app: &str) -> String {
    format!("{key_of_app}:{}", hash(RESOURCE).as_str())
}

/// The code and the exchange of a grant for `resource`, of an app that allows one.
fn exclusive(resource: Option<&str>) -> Vec<Event> {
    let issue = IssueCode {
        app_id: APP,
        user_id: USER,
        credential_generation: 0,
        hashed_code: hash("code"),
        redirect_uri: None,
        resource_uri: resource.map(|resource| Resource::parse(resource).unwrap()),
        code_challenge: None,
        scope: crate::oauth2::scope::Scope::default(),
        state_hash: None,
        exclusive: true,
        code_expires_at: at(CODE_LIFETIME),
        issued_at: at(0),
    };
    let exchange = Exchange {
        resource: resource.map(str::to_owned),
        ..plain_exchange()
    };
    let mut events = given(vec![])
        .when(Command::IssueCode(issue))
        .inspect_result()
        .unwrap();
    let exchanged = given(events.clone())
        .when(Command::Exchange(exchange))
        .inspect_result();
    events.extend(exchanged.unwrap());
    events
}

#[test]
fn an_exclusive_code_seizes_the_place_of_earlier_codes_for_its_resource() {
    assert_eq!(
        keys(&full_code()),
        vec![UniqueKey::Seize(at_resource(CODE_OF_APP))]
    );
}

#[test]
fn an_exclusive_exchange_needs_the_latest_code_and_seizes_the_place_of_earlier_grants() {
    assert_eq!(
        keys(&full_exchanged()),
        vec![
            UniqueKey::Require(at_resource(CODE_OF_APP)),
            UniqueKey::Free(at_resource(CODE_OF_APP)),
            UniqueKey::Seize(at_resource(GRANT_OF_APP)),
        ]
    );
}

#[test]
fn an_exclusive_refresh_needs_the_live_grant() {
    assert_eq!(
        keys(&refreshed(0, 40)),
        vec![UniqueKey::Require(at_resource(GRANT_OF_APP))]
    );
}

#[test]
fn a_grant_without_a_resource_takes_the_place_of_the_app() {
    let events = exclusive(None);
    assert_eq!(
        keys(&events[0]),
        vec![UniqueKey::Seize(CODE_OF_APP.to_owned())]
    );
    assert_eq!(
        keys(&events[1]),
        vec![
            UniqueKey::Require(CODE_OF_APP.to_owned()),
            UniqueKey::Free(CODE_OF_APP.to_owned()),
            UniqueKey::Seize(GRANT_OF_APP.to_owned()),
        ]
    );
}

#[test]
fn grants_for_different_resources_do_not_share_a_place() {
    let of = |resource| keys(&exclusive(Some(resource))[1]);
    let first = of("https://one.example/mcp");
    assert_ne!(first, of("https://two.example/mcp"));
    assert_ne!(first, of("https://one.example/other"));
    assert_eq!(first, of("HTTPS://one.example:443/mcp/"));
}

#[test]
fn a_revoked_grant_frees_what_it_may_hold() {
    assert_eq!(
        keys(&revoked(false, RevocationReason::UserRequest)),
        vec![
            UniqueKey::Free(CODE_OF_APP.to_owned()),
            UniqueKey::Free(GRANT_OF_APP.to_owned()),
            UniqueKey::Free(at_resource(CODE_OF_APP)),
            UniqueKey::Free(at_resource(GRANT_OF_APP)),
        ]
    );
}

#[test]
fn refusals_use_no_keys() {
    assert_eq!(keys(&exchange_refused(ExchangeRefusal::WrongCode)), vec![]);
    assert_eq!(keys(&refresh_refused(RefreshRefusal::WrongToken)), vec![]);
}

#[test]
fn a_grant_that_is_not_exclusive_uses_no_keys() {
    let exchanged = given(vec![plain_code()])
        .when(Command::Exchange(plain_exchange()))
        .inspect_result()
        .unwrap();
    let refreshed = given(vec![plain_code()])
        .and(exchanged.clone())
        .when(Command::Refresh(refresh(0, 40)))
        .inspect_result()
        .unwrap();
    for event in [plain_code()].iter().chain(&exchanged).chain(&refreshed) {
        assert_eq!(keys(event), vec![]);
    }
}

/// An event as it was recorded in version 1.0, as the program reads it.
fn recorded_in_version_1(event: &Event, exclusive: bool) -> Event {
    let mut payload = serde_json::to_value(event).unwrap();
    payload["exclusive"] = exclusive.into();
    let event_type: &str = event.into();
    let stored = cqrs_es::persist::SerializedEvent::new(
        "grant00001".to_owned(),
        1,
        OAuth2Grant::TYPE.to_owned(),
        event_type.to_owned(),
        "1.0".to_owned(),
        payload,
        serde_json::Value::Null,
    );
    let upcast = OAuth2Grant::upcasters()
        .iter()
        .filter(|upcaster| upcaster.can_upcast(event_type, "1.0"))
        .fold(stored, |stored, upcaster| upcaster.upcast(stored));
    serde_json::from_value(upcast.payload).unwrap()
}

#[test]
fn a_grant_from_before_keeps_the_place_of_its_app_whatever_its_resource() {
    let events = [
        recorded_in_version_1(&full_code(), true),
        recorded_in_version_1(&full_exchanged(), true),
    ];
    assert_eq!(
        keys(&events[1]),
        vec![
            UniqueKey::Require(CODE_OF_APP.to_owned()),
            UniqueKey::Free(CODE_OF_APP.to_owned()),
            UniqueKey::Seize(GRANT_OF_APP.to_owned()),
        ]
    );
    let refreshed = given(events.to_vec())
        .when(Command::Refresh(refresh(0, 40)))
        .inspect_result()
        .unwrap();
    assert_eq!(
        keys(&refreshed[0]),
        vec![UniqueKey::Require(GRANT_OF_APP.to_owned())]
    );
    assert_eq!(keys(&recorded_in_version_1(&full_code(), false)), vec![]);
}
