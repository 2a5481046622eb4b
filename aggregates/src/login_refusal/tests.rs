use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;

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
fn whatever_was_typed_is_recorded_short_and_without_control_characters() {
    given(vec![])
        .when(refuse("a\0d\na"))
        .then_expect_events(vec![refused("ada")]);
    given(vec![])
        .when(refuse(&"x".repeat(10_000)))
        .then_expect_events(vec![refused(&"x".repeat(254))]);
    given(vec![])
        .when(refuse(&"€".repeat(100)))
        .then_expect_events(vec![refused(&"€".repeat(84))]);
}
