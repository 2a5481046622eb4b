//! What the events make of a user, and of its unique keys.

use super::*;

#[test]
fn the_state_has_the_password_that_was_set_last() {
    let mut state = Life::Unknown;
    let password = |state: &Life<User>| state.live().unwrap().hashed_password.clone();
    User::evolve(&mut state, created(LoginType::Password, Status::Active));
    assert_eq!(password(&state), Some(hash("1")));
    let change = Event::PasswordChanged {
        hashed_password: hash("2"),
    };
    User::evolve(&mut state, change);
    assert_eq!(password(&state), Some(hash("2")));
}

#[test]
fn user_name_and_email_are_unique_without_regard_to_case() {
    assert_eq!(
        User::keys("x", &created(LoginType::Password, Status::Active)),
        vec![
            UniqueKey::Take("user_name:ada".to_owned()),
            UniqueKey::Take("user_email:ada@example.org".to_owned())
        ]
    );
}

#[test]
fn a_rename_frees_the_old_name_and_takes_the_new_one() {
    assert_eq!(
        User::keys("x", &profile_updated("Ada", "Countess", "")),
        vec![
            UniqueKey::Free("user_name:ada".to_owned()),
            UniqueKey::Take("user_name:countess".to_owned()),
        ]
    );
    assert_eq!(User::keys("x", &profile_updated("Ada", "ADA", "")), vec![]);
}

#[test]
fn a_deletion_frees_both_names() {
    let deleted = Event::UserDeleted {
        username: "Ada".to_owned().into(),
        email: "Ada@Example.org".to_owned().into(),
    };
    assert_eq!(
        User::keys("x", &deleted),
        vec![
            UniqueKey::Free("user_name:ada".to_owned()),
            UniqueKey::Free("user_email:ada@example.org".to_owned()),
        ]
    );
}

#[test]
fn no_snapshot_keeps_what_is_personal_in_the_state() {
    assert_eq!(User::SNAPSHOT_EVERY, None);
}

#[test]
fn a_new_password_and_a_suspension_begin_a_new_generation_of_credentials_and_nothing_else_does() {
    let generation = |events: Vec<Event>| {
        let mut state = Life::Unknown;
        for event in events {
            User::evolve(&mut state, event);
        }
        state.into_live().unwrap().credential_generation
    };
    let change = || Event::PasswordChanged {
        hashed_password: hash("2"),
    };
    let made = || created(LoginType::Password, Status::Active);
    assert_eq!(generation(vec![made()]), 0);
    let (activated, reinstated) = (Event::UserActivated {}, Event::UserReinstated {});
    assert_eq!(
        generation(vec![made(), suspended(), reinstated, activated]),
        1
    );
    assert_eq!(generation(vec![made(), change(), change()]), 2);
    // As it was recorded by version 1.0.
    let kept = Event::UserSuspended {
        ends_credentials: false,
    };
    assert_eq!(generation(vec![made(), kept]), 0);
}

#[test]
fn a_suspended_user_is_reinstated_as_dormant_and_another_stays() {
    given(vec![plain(Status::Active), suspended()])
        .when(Command::ReinstateUser)
        .then_expect_events(vec![Event::UserReinstated {}]);
    for status in [Status::Active, Status::Dormant] {
        given(vec![plain(status)])
            .when(Command::ReinstateUser)
            .then_expect_events(vec![]);
    }
    let mut state = Life::Unknown;
    for event in [plain(Status::Suspended), Event::UserReinstated {}] {
        User::evolve(&mut state, event);
    }
    assert_eq!(state.live().unwrap().status, Status::Dormant);
}
