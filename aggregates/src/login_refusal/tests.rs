use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::user::UserId;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<LoginRefusal>> {
    TestFramework::with(()).given(events)
}

fn refuse(email: &str) -> Command {
    Command::RefuseLogin {
        email: email.to_owned().into(),
        user_id: None,
        reason: Reason::UnknownUser,
    }
}

fn refused(email: &str) -> Event {
    Event::LoginRefused {
        email: email.to_owned().into(),
        user_id: None,
        reason: Reason::UnknownUser,
    }
}

#[test]
fn a_refusal_is_recorded_once() {
    given(vec![])
        .when(refuse("ada@example.org"))
        .then_expect_events(vec![refused("ada@example.org")]);
    given(vec![refused("ada@example.org")])
        .when(refuse("ada@example.org"))
        .then_expect_error(Error::AlreadyRecorded);
}

#[test]
fn what_is_hardly_an_address_is_not_recorded() {
    for typed in [
        "",
        "a\0d\na@example.org",
        "Correct-Horse-Battery-9",
        "P@ssword",
        "correct horse@example.org",
        &"x".repeat(10_000),
    ] {
        given(vec![])
            .when(refuse(typed))
            .then_expect_events(vec![refused("")]);
    }
}

#[test]
fn the_address_of_a_user_is_recorded_whatever_its_domain() {
    let user_id = Some(UserId::from_u128(1));
    let email = || Personal::new("root@localhost".to_owned());
    let reason = Reason::WrongPassword;
    given(vec![])
        .when(Command::RefuseLogin {
            email: email(),
            user_id,
            reason,
        })
        .then_expect_events(vec![Event::LoginRefused {
            email: email(),
            user_id,
            reason,
        }]);
}
