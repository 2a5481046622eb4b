use chancery_noun::Stream;
use chrono::DateTime;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;

const SECRET: AppSecretId = AppSecretId::from_u128(1);
const CALLBACK: &str = "https://app.example.org/cb";

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<OAuth2App>> {
    TestFramework::with(()).given(events)
}

fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap()
}

fn settings(callback_url: &str) -> Settings {
    Settings {
        name: Name::oauth2_app("app").unwrap(),
        callback_url: uri(callback_url),
        icon: FreeText::parse("/icon.png").unwrap(),
        redirect_uris: vec![uri("http://localhost:9876/callback")],
    }
}

fn confidential() -> OAuth2App {
    OAuth2App {
        settings: settings(CALLBACK),
        client_type: ClientType::Confidential,
        token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretPost,
        require_pkce: false,
        allow_multiple_grants: false,
        registration: None,
        secrets: Vec::new(),
    }
}

fn public() -> OAuth2App {
    OAuth2App {
        client_type: ClientType::Public,
        token_endpoint_auth_method: TokenEndpointAuthMethod::None,
        ..confidential()
    }
}

fn created(client_type: ClientType) -> Event {
    Event::Oauth2AppCreated(match client_type {
        ClientType::Confidential => confidential(),
        ClientType::Public => OAuth2App {
            require_pkce: true,
            ..public()
        },
    })
}

fn renamed(callback_url: &str) -> Settings {
    Settings {
        name: Name::oauth2_app("renamed").unwrap(),
        callback_url: uri(callback_url),
        icon: FreeText::default(),
        redirect_uris: vec![],
    }
}

fn update(callback_url: &str) -> Command {
    Command::UpdateOAuth2App(renamed(callback_url))
}

fn secret(id: AppSecretId, prefix: &str) -> AppSecret {
    AppSecret {
        secret_id: id,
        secret_prefix: prefix.to_owned(),
        hashed_secret: HashedSecret::of("secret"),
        display_secret: "secret".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
    }
}

fn create_secret(id: AppSecretId, prefix: &str) -> Command {
    Command::CreateOAuth2AppSecret(secret(id, prefix))
}

fn secret_created() -> Event {
    Event::Oauth2AppSecretCreated(secret(SECRET, "prefix0001"))
}

#[test]
fn an_app_is_created_once() {
    given(vec![])
        .when(Command::CreateOAuth2App(confidential()))
        .then_expect_events(vec![created(ClientType::Confidential)]);
    given(vec![created(ClientType::Confidential)])
        .when(Command::CreateOAuth2App(confidential()))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_public_app_always_requires_pkce() {
    given(vec![])
        .when(Command::CreateOAuth2App(public()))
        .then_expect_events(vec![created(ClientType::Public)]);
}

#[test]
fn the_authentication_method_fits_the_client_type() {
    for misfit in [
        OAuth2App {
            token_endpoint_auth_method: TokenEndpointAuthMethod::None,
            ..confidential()
        },
        OAuth2App {
            token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretBasic,
            ..public()
        },
    ] {
        given(vec![])
            .when(Command::CreateOAuth2App(misfit))
            .then_expect_error(Error::AuthMethodDoesNotFitClientType);
    }
}

#[test]
fn private_use_schemes_are_for_public_apps() {
    let private = uri("com.example.app:/cb");
    for misfit in [
        OAuth2App {
            settings: settings("com.example.app:/cb"),
            ..confidential()
        },
        OAuth2App {
            settings: Settings {
                redirect_uris: vec![private],
                ..settings(CALLBACK)
            },
            ..confidential()
        },
    ] {
        given(vec![])
            .when(Command::CreateOAuth2App(misfit))
            .then_expect_error(Error::PrivateSchemeNeedsPublicClient);
    }
    given(vec![created(ClientType::Confidential)])
        .when(update("com.example.app:/cb"))
        .then_expect_error(Error::PrivateSchemeNeedsPublicClient);
    let accepted = given(vec![])
        .when(Command::CreateOAuth2App(OAuth2App {
            settings: settings("com.example.app:/cb"),
            ..public()
        }))
        .inspect_result();
    assert_eq!(accepted.map(|events| events.len()), Ok(1));
}

#[test]
fn an_update_replaces_name_callback_icon_and_redirect_uris() {
    given(vec![created(ClientType::Confidential)])
        .when(update("https://new.example.org"))
        .then_expect_events(vec![Event::Oauth2AppUpdated(renamed(
            "https://new.example.org",
        ))]);
}

#[test]
fn a_confidential_app_gets_secrets() {
    given(vec![created(ClientType::Confidential)])
        .when(create_secret(SECRET, "prefix0001"))
        .then_expect_events(vec![secret_created()]);
}

#[test]
fn a_public_app_gets_no_secret() {
    given(vec![created(ClientType::Public)])
        .when(create_secret(SECRET, "prefix0001"))
        .then_expect_error_message("Cannot create a client secret for a public OAuth2 app.");
}

#[test]
fn the_id_and_the_prefix_of_a_secret_are_unique_in_its_app() {
    for (id, prefix) in [
        (SECRET, "prefix0002"),
        (AppSecretId::from_u128(2), "prefix0001"),
    ] {
        given(vec![created(ClientType::Confidential), secret_created()])
            .when(create_secret(id, prefix))
            .then_expect_error(Error::SecretExists);
    }
}

#[test]
fn a_secret_is_deleted_once() {
    let delete = Command::DeleteOAuth2AppSecret { secret_id: SECRET };
    let deleted = Event::Oauth2AppSecretDeleted { secret_id: SECRET };
    let history = vec![created(ClientType::Confidential), secret_created()];
    given(history.clone())
        .when(delete.clone())
        .then_expect_events(vec![deleted.clone()]);
    given(history)
        .and(vec![deleted])
        .when(delete.clone())
        .then_expect_error(Error::SecretNotFound);
    given(vec![created(ClientType::Confidential)])
        .when(delete)
        .then_expect_error(Error::SecretNotFound);
}

#[test]
fn an_app_that_never_existed_or_was_deleted_is_not_found() {
    let deleted = vec![
        created(ClientType::Confidential),
        secret_created(),
        Event::Oauth2AppDeleted {},
    ];
    for command in [
        update("https://new.example.org"),
        Command::DeleteOAuth2App,
        create_secret(SECRET, "prefix0001"),
        Command::DeleteOAuth2AppSecret { secret_id: SECRET },
    ] {
        given(vec![])
            .when(command.clone())
            .then_expect_error(Error::NotFound);
        given(deleted.clone())
            .when(command)
            .then_expect_error(Error::NotFound);
    }
    given(deleted)
        .when(Command::CreateOAuth2App(confidential()))
        .then_expect_error(Error::NotFound);
}

#[test]
fn an_app_is_deleted() {
    given(vec![created(ClientType::Confidential)])
        .when(Command::DeleteOAuth2App)
        .then_expect_events(vec![Event::Oauth2AppDeleted {}]);
}

#[test]
fn only_a_live_secret_of_the_app_authenticates() {
    let mut app = Life::Unknown;
    OAuth2App::evolve(&mut app, created(ClientType::Confidential));
    OAuth2App::evolve(&mut app, secret_created());
    let presented = |prefix: &str, secret: &str| PrefixedSecret {
        prefix: prefix.to_owned(),
        hash: HashedSecret::of(secret),
    };
    let authenticated = |app: &Life<OAuth2App>, presented: &PrefixedSecret| {
        let secret = app.live()?.authenticate(presented)?;
        Some(secret.secret_id)
    };
    assert_eq!(
        authenticated(&app, &presented("prefix0001", "secret")),
        Some(SECRET)
    );
    assert_eq!(authenticated(&app, &presented("prefix0001", "other")), None);
    assert_eq!(
        authenticated(&app, &presented("prefix0002", "secret")),
        None
    );
    OAuth2App::evolve(
        &mut app,
        Event::Oauth2AppSecretDeleted { secret_id: SECRET },
    );
    assert_eq!(
        authenticated(&app, &presented("prefix0001", "secret")),
        None
    );
}
