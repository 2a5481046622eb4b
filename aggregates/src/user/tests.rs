use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::email::Email;
use crate::name::{Name, RealName};

fn given(events: Vec<Event>) -> AggregateTestExecutor<User> {
    TestFramework::with(()).given(events)
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("$argon2id${text}")).unwrap()
}

fn create(login_type: LoginType, hashed_password: Option<PasswordHash>) -> Command {
    Command::CreateUser {
        username: Name::username("Ada").unwrap(),
        email: Email::parse("Ada@Example.org").unwrap(),
        name: RealName::parse("Ada Lovelace").unwrap(),
        login_type,
        status: Status::Dormant,
        roles: vec!["owner".to_owned()],
        hashed_password,
    }
}

fn created(login_type: LoginType, status: Status) -> Event {
    Event::UserCreated {
        username: "Ada".to_owned().into(),
        email: "Ada@Example.org".to_owned().into(),
        name: "Ada Lovelace".to_owned().into(),
        login_type,
        status,
        roles: vec!["owner".to_owned()],
        hashed_password: (login_type == LoginType::Password).then(|| hash("1")),
    }
}

#[test]
fn a_user_is_created_once() {
    let expected = created(LoginType::Password, Status::Dormant);
    given(vec![])
        .when(create(LoginType::Password, Some(hash("1"))))
        .then_expect_events(vec![expected.clone()]);
    given(vec![expected])
        .when(create(LoginType::Password, Some(hash("1"))))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_password_belongs_to_login_type_password_alone() {
    given(vec![])
        .when(create(LoginType::Password, None))
        .then_expect_error(Error::PasswordMissing);
    given(vec![])
        .when(create(LoginType::Oidc, Some(hash("1"))))
        .then_expect_error(Error::PasswordNotAllowed);
    given(vec![])
        .when(create(LoginType::Oidc, None))
        .then_expect_events(vec![created(LoginType::Oidc, Status::Dormant)]);
}

#[test]
fn a_user_who_is_not_active_is_activated() {
    for status in [Status::Dormant, Status::Suspended] {
        given(vec![created(LoginType::Password, status)])
            .when(Command::ActivateUser)
            .then_expect_events(vec![Event::UserActivated {}]);
    }
}

#[test]
fn activating_an_active_user_records_nothing() {
    given(vec![
        created(LoginType::Password, Status::Dormant),
        Event::UserActivated {},
    ])
    .when(Command::ActivateUser)
    .then_expect_events(vec![]);
}

#[test]
fn only_a_user_with_a_password_changes_it() {
    let change = Command::ChangePassword {
        hashed_password: hash("2"),
    };
    given(vec![created(LoginType::Password, Status::Active)])
        .when(change.clone())
        .then_expect_events(vec![Event::PasswordChanged {
            hashed_password: hash("2"),
        }]);
    given(vec![created(LoginType::Github, Status::Active)])
        .when(change)
        .then_expect_error(Error::PasswordNotAllowed);
}

#[test]
fn a_user_who_does_not_exist_is_not_found() {
    given(vec![])
        .when(Command::ActivateUser)
        .then_expect_error(Error::NotFound);
    given(vec![])
        .when(Command::ChangePassword {
            hashed_password: hash("2"),
        })
        .then_expect_error(Error::NotFound);
}

#[test]
fn the_state_has_the_password_that_was_set_last() {
    let mut user = User::default();
    user.apply(created(LoginType::Password, Status::Active));
    assert_eq!(
        user.account.clone().unwrap().hashed_password,
        Some(hash("1"))
    );
    user.apply(Event::PasswordChanged {
        hashed_password: hash("2"),
    });
    assert_eq!(user.account.unwrap().hashed_password, Some(hash("2")));
}

#[test]
fn user_name_and_email_are_unique_without_regard_to_case() {
    assert_eq!(
        User::unique_keys("x", &created(LoginType::Password, Status::Active)),
        vec![
            UniqueKey::Take("user_name:ada".to_owned()),
            UniqueKey::Take("user_email:ada@example.org".to_owned())
        ]
    );
}

#[test]
fn snapshots_hold_nothing_personal() {
    let mut user = User::default();
    user.apply(created(LoginType::Password, Status::Active));
    let snapshot = serde_json::to_string(&user).unwrap().to_lowercase();
    assert!(!snapshot.contains("ada"), "{snapshot}");
}
