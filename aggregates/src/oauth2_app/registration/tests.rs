use chrono::DateTime;
use chrono::Utc;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use serde_json::{Value, json};

use super::*;
use crate::oauth2::client_metadata::PresentedMetadata;
use crate::oauth2_app::{AppSecretId, Command};
use chancery_noun::Stream;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<OAuth2App>> {
    TestFramework::with(()).given(events)
}

fn metadata(method: &str) -> ClientMetadata {
    changed(method, "logo_uri", json!("https://app.example/logo.png"))
}

fn changed(method: &str, member: &str, value: Value) -> ClientMetadata {
    let mut sent = json!({
        "client_name": "Agent (laptop)",
        "redirect_uris": ["http://localhost/callback", "com.example.agent:/cb"],
        "token_endpoint_auth_method": method,
        "scope": "mcp:tools",
        "software_id": "agent",
    });
    sent[member] = value;
    let presented: PresentedMetadata = serde_json::from_value(sent).unwrap();
    presented.of_registration().unwrap()
}

fn secret() -> AppSecret {
    AppSecret {
        secret_id: AppSecretId::from_u128(1),
        secret_prefix: "prefix0001".to_owned(),
        hashed_secret: HashedSecret::of("secret"),
        display_secret: "secret".to_owned(),
        created_at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

fn by_request() -> RegisteredBy {
    RegisteredBy::Request {
        hashed_access_token: HashedSecret::of("token"),
    }
}

fn registered(new: NewRegistration) -> Result<Vec<Event>, Error> {
    given(vec![])
        .when(Command::RegisterOAuth2App(new))
        .inspect_result()
}

fn confidential() -> NewRegistration {
    NewRegistration {
        metadata: metadata("client_secret_basic"),
        by: by_request(),
        secret: Some(secret()),
    }
}

fn public() -> NewRegistration {
    NewRegistration {
        metadata: metadata("none"),
        by: by_request(),
        secret: None,
    }
}

fn app(events: &[Event]) -> OAuth2App {
    match &events[0] {
        Event::Oauth2AppRegistered(app) => app.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_confidential_client_registers_with_its_secret() {
    let events = registered(confidential()).unwrap();
    let app = app(&events);
    assert_eq!(events[1..], [Event::Oauth2AppSecretCreated(secret())]);
    assert_eq!(app.client_type, ClientType::Confidential);
    assert!(app.require_pkce && app.is_self_registered());
    assert_eq!(app.metadata(), Some(confidential().metadata));
}

#[test]
fn a_public_client_registers_without_one() {
    let events = registered(public()).unwrap();
    assert_eq!(events.len(), 1);
    let app = app(&events);
    assert!(app.is_public() && app.require_pkce && !app.allow_multiple_grants);
    assert_eq!(app.metadata(), Some(public().metadata));
}

#[test]
fn a_secret_and_the_authentication_method_go_together() {
    for new in [
        NewRegistration {
            secret: None,
            ..confidential()
        },
        NewRegistration {
            secret: Some(secret()),
            ..public()
        },
    ] {
        assert_eq!(registered(new), Err(Error::AuthMethodDoesNotFitClientType));
    }
}

#[test]
fn a_client_of_a_document_may_have_grants_on_several_machines() {
    let by = RegisteredBy::Document {
        url: "https://app.example/agent.json".to_owned(),
    };
    let events = registered(NewRegistration { by, ..public() }).unwrap();
    assert!(app(&events).allow_multiple_grants);
}

#[test]
fn a_client_changes_what_it_says_of_itself() {
    let events = registered(public()).unwrap();
    let renamed = changed("none", "client_name", json!("Agent 2"));
    let change = given(events.clone())
        .when(Command::ChangeOAuth2AppRegistration(renamed.clone()))
        .inspect_result()
        .unwrap();
    assert_eq!(change.len(), 1);
    let mut state = crate::Life::Unknown;
    for event in events.into_iter().chain(change.clone()) {
        <OAuth2App as crate::Noun>::evolve(&mut state, event);
    }
    assert_eq!(state.live().unwrap().metadata(), Some(renamed));
}

#[test]
fn the_same_again_is_no_change() {
    given(registered(public()).unwrap())
        .when(Command::ChangeOAuth2AppRegistration(public().metadata))
        .then_expect_events(vec![]);
}

#[test]
fn a_client_stays_public_or_confidential() {
    given(registered(public()).unwrap())
        .when(Command::ChangeOAuth2AppRegistration(
            confidential().metadata,
        ))
        .then_expect_error(Error::ClientTypeIsFixed);
    given(registered(confidential()).unwrap())
        .when(Command::ChangeOAuth2AppRegistration(public().metadata))
        .then_expect_error(Error::ClientTypeIsFixed);
    let post = changed("client_secret_post", "scope", Value::Null);
    let changed = given(registered(confidential()).unwrap())
        .when(Command::ChangeOAuth2AppRegistration(post))
        .inspect_result();
    assert_eq!(changed.map(|events| events.len()), Ok(1));
}

#[test]
fn administrators_and_clients_change_their_own_apps_only() {
    let by_administrator = Event::Oauth2AppCreated(OAuth2App {
        registration: None,
        ..app(&registered(public()).unwrap())
    });
    given(vec![by_administrator])
        .when(Command::ChangeOAuth2AppRegistration(public().metadata))
        .then_expect_error(Error::NotSelfRegistered);
    let events = registered(public()).unwrap();
    let settings = app(&events).settings;
    given(events)
        .when(Command::UpdateOAuth2App(settings))
        .then_expect_error(Error::SelfRegistered);
}

#[test]
fn a_client_registers_once() {
    given(registered(public()).unwrap())
        .when(Command::RegisterOAuth2App(public()))
        .then_expect_error(Error::AlreadyExists);
    given(registered(public()).unwrap())
        .and(vec![Event::Oauth2AppDeleted {}])
        .when(Command::RegisterOAuth2App(public()))
        .then_expect_error(Error::NotFound);
}
