use chrono::TimeDelta;

use super::*;

fn refuses(history: Vec<Event>, refresh: Refresh, reason: RefreshRefusal) {
    let events = given(history)
        .when(Command::Refresh(refresh))
        .inspect_result()
        .unwrap();
    assert_eq!(events, vec![refresh_refused(reason)]);
    assert_eq!(RefreshOutcome::of(&events), RefreshOutcome::Refused(reason));
}

/// The code exchanged, then refreshed `times` times, every 100 seconds from second 100 on.
fn refreshed_times(times: usize) -> Vec<Event> {
    let rotations = (0..times)
        .zip(1..)
        .map(|(presented, round)| refreshed(presented, round * 100));
    exchanged().into_iter().chain(rotations).collect()
}

#[test]
fn the_refresh_token_is_exchanged_for_new_tokens_with_the_same_audience() {
    let events = given(exchanged())
        .when(Command::Refresh(refresh(0, 40)))
        .inspect_result()
        .unwrap();
    assert_eq!(events, vec![refreshed(0, 40)]);
    assert_eq!(RefreshOutcome::of(&events), RefreshOutcome::Refreshed);
}

#[test]
fn the_newest_refresh_token_is_the_one_that_works() {
    given(refreshed_times(2))
        .when(Command::Refresh(refresh(2, 250)))
        .then_expect_events(vec![refreshed(2, 250)]);
}

#[test]
fn a_wrong_secret_part_is_refused() {
    refuses(exchanged(), refresh(7, 40), RefreshRefusal::WrongToken);
}

#[test]
fn a_code_that_was_not_exchanged_has_no_refresh_token() {
    let presented_code = Refresh {
        presented_refresh_token: hash("code"),
        ..refresh(0, 40)
    };
    refuses(
        vec![full_code()],
        presented_code,
        RefreshRefusal::WrongToken,
    );
}

#[test]
fn a_refresh_token_is_refused_from_the_instant_it_expires() {
    let end = EXCHANGED_AT + REFRESH_LIFETIME;
    given(exchanged())
        .when(Command::Refresh(refresh(0, end - 1)))
        .then_expect_events(vec![refreshed(0, end - 1)]);
    refuses(exchanged(), refresh(0, end), RefreshRefusal::Expired);
}

#[test]
fn a_refresh_token_of_another_app_is_refused() {
    refuses(
        exchanged(),
        Refresh {
            app_id: OTHER_APP,
            ..refresh(0, 40)
        },
        RefreshRefusal::WrongClient,
    );
}

#[test]
fn a_resource_that_is_sent_must_be_the_audience() {
    for same in [RESOURCE, "https://mcp.example.org/"] {
        given(exchanged())
            .when(Command::Refresh(Refresh {
                resource: Some(same.to_owned()),
                ..refresh(0, 40)
            }))
            .then_expect_events(vec![refreshed(0, 40)]);
    }
    let other = Refresh {
        resource: Some("https://other.example.org".to_owned()),
        ..refresh(0, 40)
    };
    refuses(exchanged(), other, RefreshRefusal::InvalidTarget);
}

#[test]
fn a_grant_without_audience_refreshes_without_resource_only() {
    let exchanged = given(vec![plain_code()])
        .when(Command::Exchange(plain_exchange()))
        .inspect_result()
        .unwrap();
    let history: Vec<Event> = std::iter::once(plain_code()).chain(exchanged).collect();
    let accepted = given(history.clone())
        .when(Command::Refresh(refresh(0, 40)))
        .inspect_result()
        .unwrap();
    assert_eq!(RefreshOutcome::of(&accepted), RefreshOutcome::Refreshed);
    let bound = Refresh {
        resource: Some(RESOURCE.to_owned()),
        ..refresh(0, 40)
    };
    refuses(history, bound, RefreshRefusal::InvalidTarget);
}

#[test]
fn the_checks_come_in_the_order_of_the_contract() {
    let mut refresh = Refresh {
        presented_refresh_token: hash("guess"),
        now: at(EXCHANGED_AT + REFRESH_LIFETIME),
        app_id: OTHER_APP,
        resource: Some("https://other.example.org".to_owned()),
        ..refresh(0, 40)
    };
    let mut expect = |reason, correct: fn(&mut Refresh)| {
        refuses(exchanged(), refresh.clone(), reason);
        correct(&mut refresh);
    };
    expect(RefreshRefusal::WrongToken, |refresh| {
        refresh.presented_refresh_token = hash("refresh 0");
    });
    expect(RefreshRefusal::Expired, |refresh| refresh.now = at(40));
    expect(RefreshRefusal::WrongClient, |refresh| refresh.app_id = APP);
    expect(RefreshRefusal::InvalidTarget, |refresh| {
        refresh.resource = None;
    });
    given(exchanged())
        .when(Command::Refresh(refresh))
        .then_expect_events(vec![refreshed(0, 40)]);
}

#[test]
fn a_failed_check_does_not_consume_the_refresh_token() {
    given(exchanged())
        .and(vec![refresh_refused(RefreshRefusal::InvalidTarget)])
        .when(Command::Refresh(refresh(0, 40)))
        .then_expect_events(vec![refreshed(0, 40)]);
}

#[test]
fn reuse_beyond_the_grace_period_ends_the_grant() {
    given(refreshed_times(1))
        .when(Command::Refresh(refresh(0, 111)))
        .then_expect_events(vec![
            refresh_refused(RefreshRefusal::RefreshTokenReused),
            revoked(true, RevocationReason::RefreshTokenReused),
        ]);
}

#[test]
fn reuse_of_any_remembered_generation_ends_the_grant() {
    for generation in 0..50 {
        let events = given(refreshed_times(50))
            .when(Command::Refresh(refresh(generation, 6000)))
            .inspect_result()
            .unwrap();
        assert_eq!(
            events[1],
            revoked(true, RevocationReason::RefreshTokenReused)
        );
    }
}

#[test]
fn a_refresh_token_of_more_than_fifty_rotations_ago_is_a_wrong_token() {
    refuses(
        refreshed_times(51),
        refresh(0, 6000),
        RefreshRefusal::WrongToken,
    );
}

#[test]
fn reuse_within_the_grace_period_is_refused_and_ends_nothing() {
    assert_eq!(REUSE_GRACE, TimeDelta::seconds(10));
    for now in [99, 100, 110] {
        refuses(
            refreshed_times(1),
            refresh(0, now),
            RefreshRefusal::RefreshTokenReused,
        );
    }
    given(refreshed_times(1))
        .and(vec![refresh_refused(RefreshRefusal::RefreshTokenReused)])
        .when(Command::Refresh(refresh(1, 105)))
        .then_expect_events(vec![refreshed(1, 105)]);
}

#[test]
fn a_hundred_concurrent_refreshes_record_one_refusal_and_keep_the_grant() {
    let mut history = exchanged();
    let mut outcomes = Vec::new();
    for _ in 0..100 {
        let events = given(history.clone())
            .when(Command::Refresh(refresh(0, 40)))
            .inspect_result()
            .unwrap();
        outcomes.push(RefreshOutcome::of(&events));
        history.extend(events);
    }
    assert_eq!(outcomes[0], RefreshOutcome::Refreshed);
    assert_eq!(
        outcomes[1],
        RefreshOutcome::Refused(RefreshRefusal::RefreshTokenReused)
    );
    assert_eq!(outcomes[2..], [RefreshOutcome::RefusedUnrecorded; 98]);
    assert_eq!(history.len(), 4);
    given(history)
        .when(Command::Refresh(refresh(1, 41)))
        .then_expect_events(vec![refreshed(1, 41)]);
}

#[test]
fn reuse_within_the_grace_period_is_recorded_again_after_the_next_rotation() {
    let history: Vec<Event> = refreshed_times(1)
        .into_iter()
        .chain([
            refresh_refused(RefreshRefusal::RefreshTokenReused),
            refreshed(1, 200),
        ])
        .collect();
    refuses(history, refresh(1, 201), RefreshRefusal::RefreshTokenReused);
}

#[test]
fn theft_is_still_seen_after_a_reuse_within_the_grace_period() {
    let events = given(refreshed_times(1))
        .and(vec![refresh_refused(RefreshRefusal::RefreshTokenReused)])
        .when(Command::Refresh(refresh(0, 111)))
        .inspect_result()
        .unwrap();
    assert_eq!(
        events[1],
        revoked(true, RevocationReason::RefreshTokenReused)
    );
}

#[test]
fn present_and_earlier_refresh_tokens_of_a_revoked_grant_are_refused_as_revoked() {
    for presented in [0, 1] {
        let mut history = refreshed_times(1);
        history.push(revoked(true, RevocationReason::UserRequest));
        refuses(history, refresh(presented, 500), RefreshRefusal::Revoked);
    }
}
