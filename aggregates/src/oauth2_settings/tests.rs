use chancery_noun::Stream;
use cqrs_es::test::TestFramework;

use super::*;

fn open() -> OAuth2Settings {
    OAuth2Settings {
        dynamic_client_registration_enabled: true,
        ..OAuth2Settings::default()
    }
}

fn only_of(domain: &str) -> OAuth2Settings {
    OAuth2Settings {
        client_metadata_document_domains: vec![Domain::parse(domain).unwrap()],
        ..OAuth2Settings::default()
    }
}

fn given(events: Vec<Event>) -> cqrs_es::test::AggregateTestExecutor<Stream<OAuth2Settings>> {
    TestFramework::with(()).given(events)
}

#[test]
fn settings_are_replaced_and_the_same_again_is_no_event() {
    given(vec![])
        .when(Command::ChangeOAuth2Settings(open()))
        .then_expect_events(vec![Event::Oauth2SettingsChanged(open())]);
    given(vec![Event::Oauth2SettingsChanged(open())])
        .when(Command::ChangeOAuth2Settings(open()))
        .then_expect_events(vec![]);
    given(vec![])
        .when(Command::ChangeOAuth2Settings(OAuth2Settings::default()))
        .then_expect_events(vec![]);
    given(vec![Event::Oauth2SettingsChanged(open())])
        .when(Command::ChangeOAuth2Settings(OAuth2Settings::default()))
        .then_expect_events(vec![
            Event::Oauth2SettingsChanged(OAuth2Settings::default()),
        ]);
}

#[test]
fn documents_are_trusted_anywhere_in_listed_domains_or_nowhere() {
    assert!(OAuth2Settings::default().trusts_documents_of("client.example"));
    assert!(only_of("client.example").trusts_documents_of("client.example"));
    assert!(!only_of("client.example").trusts_documents_of("other.example"));
    let nowhere = OAuth2Settings {
        client_metadata_documents_enabled: false,
        ..only_of("client.example")
    };
    assert!(!nowhere.trusts_documents_of("client.example"));
}
