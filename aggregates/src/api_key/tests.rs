use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::login_type::LoginType;
use crate::name::TokenName;
use crate::oauth2::secret_text::HashedSecret;
use crate::user::UserId;

const USER: UserId = UserId::from_u128(1);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<ApiKey>> {
    TestFramework::with(()).given(events)
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn session() -> ApiKey {
    ApiKey {
        user_id: USER,
        credential_generation: 0,
        origin: Origin::Login,
        login_type: LoginType::Password,
        scope: Scope::All,
        token_name: TokenName::default(),
        hashed_secret: HashedSecret::of("secret"),
        lifetime_seconds: 100,
        expires_at: at(100),
    }
}

fn token() -> ApiKey {
    ApiKey {
        origin: Origin::Token,
        login_type: LoginType::Token,
        token_name: name("laptop"),
        ..session()
    }
}

fn created(origin: Origin) -> Event {
    Event::ApiKeyCreated(match origin {
        Origin::Login => session(),
        Origin::Token => token(),
    })
}

fn name(text: &str) -> TokenName {
    serde_json::from_value(text.into()).unwrap()
}

fn deleted(token_name: &str, reason: DeletionReason) -> Event {
    Event::ApiKeyDeleted {
        user_id: USER,
        token_name: name(token_name),
        reason,
    }
}

#[test]
fn a_key_is_created_once_even_after_deletion() {
    given(vec![])
        .when(Command::CreateApiKey(session()))
        .then_expect_events(vec![created(Origin::Login)]);
    given(vec![])
        .when(Command::CreateApiKey(token()))
        .then_expect_events(vec![created(Origin::Token)]);
    given(vec![created(Origin::Login)])
        .when(Command::CreateApiKey(session()))
        .then_expect_error(Error::AlreadyExists);
    given(vec![
        created(Origin::Login),
        deleted("", DeletionReason::Logout),
    ])
    .when(Command::CreateApiKey(session()))
    .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_lifetime_that_is_not_positive_is_refused() {
    for lifetime_seconds in [0, -1] {
        given(vec![])
            .when(Command::CreateApiKey(ApiKey {
                lifetime_seconds,
                ..session()
            }))
            .then_expect_error(Error::LifetimeNotPositive);
    }
}

#[test]
fn tokens_have_a_name_and_sessions_have_none() {
    for misfit in [
        ApiKey {
            token_name: TokenName::default(),
            ..token()
        },
        ApiKey {
            token_name: token().token_name,
            ..session()
        },
    ] {
        given(vec![])
            .when(Command::CreateApiKey(misfit))
            .then_expect_error(Error::NameDoesNotFitOrigin);
    }
}

#[test]
fn a_session_is_extended_to_a_later_end_only() {
    let extend = |seconds| Command::ExtendApiKey {
        expires_at: at(seconds),
        now: at(50),
    };
    let extended = Event::ApiKeyExtended {
        expires_at: at(150),
    };
    given(vec![created(Origin::Login)])
        .when(extend(150))
        .then_expect_events(vec![extended.clone()]);
    given(vec![created(Origin::Login)])
        .when(extend(100))
        .then_expect_events(vec![]);
    given(vec![created(Origin::Login), extended])
        .when(extend(120))
        .then_expect_events(vec![]);
}

#[test]
fn an_expired_session_an_api_token_and_a_deleted_key_are_not_extended() {
    let extend = |now| Command::ExtendApiKey {
        expires_at: at(200),
        now: at(now),
    };
    given(vec![created(Origin::Login)])
        .when(extend(100))
        .then_expect_error(Error::Expired);
    given(vec![created(Origin::Token)])
        .when(extend(50))
        .then_expect_error(Error::NotExtendable);
    given(vec![])
        .when(extend(50))
        .then_expect_error(Error::NotFound);
    given(vec![
        created(Origin::Login),
        deleted("", DeletionReason::Logout),
    ])
    .when(extend(50))
    .then_expect_error(Error::NotFound);
}

#[test]
fn a_key_is_deleted_once() {
    let delete = Command::DeleteApiKey {
        reason: DeletionReason::Deleted,
    };
    let event = deleted("laptop", DeletionReason::Deleted);
    given(vec![created(Origin::Token)])
        .when(delete.clone())
        .then_expect_events(vec![event.clone()]);
    given(vec![created(Origin::Token), event])
        .when(delete.clone())
        .then_expect_error(Error::NotFound);
    given(vec![])
        .when(delete)
        .then_expect_error(Error::NotFound);
}

#[test]
fn a_token_name_is_taken_on_creation_and_freed_on_deletion() {
    let key = "token_name:00000000-0000-0000-0000-000000000001:laptop".to_owned();
    assert_eq!(
        ApiKey::keys("x", &created(Origin::Token)),
        vec![UniqueKey::Take(key.clone())]
    );
    assert_eq!(
        ApiKey::keys("x", &deleted("laptop", DeletionReason::Deleted)),
        vec![UniqueKey::Free(key)]
    );
}

#[test]
fn a_session_uses_no_unique_key() {
    for event in [
        created(Origin::Login),
        Event::ApiKeyExtended { expires_at: at(1) },
        deleted("", DeletionReason::Logout),
    ] {
        assert_eq!(ApiKey::keys("x", &event), vec![]);
    }
}

#[test]
fn a_key_is_cleared_only_when_it_has_expired() {
    let clear = |seconds| Command::ClearApiKey {
        expired_before: at(seconds),
    };
    given(vec![created(Origin::Token)])
        .when(clear(100))
        .then_expect_events(vec![]);
    given(vec![created(Origin::Token)])
        .when(clear(101))
        .then_expect_events(vec![deleted("laptop", DeletionReason::Expired)]);
    let extended = Event::ApiKeyExtended {
        expires_at: at(200),
    };
    given(vec![created(Origin::Login), extended])
        .when(clear(101))
        .then_expect_events(vec![]);
    given(vec![])
        .when(clear(101))
        .then_expect_error(Error::NotFound);
}
