use strum::VariantArray as _;

use super::*;
use crate::oauth2::pkce::CodeVerifier;

fn wrong_code() -> Command {
    Command::Exchange(Exchange {
        presented_code: hash("guess"),
        ..full_exchange()
    })
}

fn wrong_verifier() -> Command {
    Command::Exchange(Exchange {
        code_verifier: Some(CodeVerifier::new("x".repeat(43))),
        ..full_exchange()
    })
}

#[test]
fn the_tenth_refusal_of_a_holder_ends_the_grant() {
    let mut history = vec![full_code()];
    for _ in 0..9 {
        let events = given(history.clone())
            .when(wrong_verifier())
            .inspect_result()
            .unwrap();
        assert_eq!(
            events,
            vec![exchange_refused(ExchangeRefusal::WrongVerifier)]
        );
        history.extend(events);
    }
    given(history)
        .when(wrong_verifier())
        .then_expect_events(vec![
            exchange_refused(ExchangeRefusal::WrongVerifier),
            revoked(false, RevocationReason::TooManyRefusals),
        ]);
}

#[test]
fn wrong_codes_never_end_the_grant_and_ten_are_recorded() {
    given(vec![full_code()])
        .and(vec![exchange_refused(ExchangeRefusal::WrongCode); 9])
        .when(wrong_code())
        .then_expect_events(vec![exchange_refused(ExchangeRefusal::WrongCode)]);
    let ten = vec![exchange_refused(ExchangeRefusal::WrongCode); 10];
    given(vec![full_code()])
        .and(ten.clone())
        .when(wrong_code())
        .then_expect_events(vec![]);
    given(vec![full_code()])
        .and(ten)
        .when(Command::Exchange(full_exchange()))
        .then_expect_events(vec![full_exchanged()]);
}

#[test]
fn wrong_refresh_tokens_never_end_the_grant_and_ten_are_recorded() {
    given(exchanged())
        .and(vec![refresh_refused(RefreshRefusal::WrongToken); 10])
        .when(Command::Refresh(refresh(7, 40)))
        .then_expect_events(vec![]);
}

#[test]
fn refusals_of_exchange_and_refresh_count_together() {
    let refusals = (0..9).map(|round| match round % 2 {
        0 => exchange_refused(ExchangeRefusal::WrongClient),
        _ => refresh_refused(RefreshRefusal::InvalidTarget),
    });
    let other_resource = Command::Refresh(Refresh {
        resource: Some("https://other.example".to_owned()),
        ..refresh(0, 40)
    });
    given(exchanged())
        .and(refusals.collect())
        .when(other_resource)
        .then_expect_events(vec![
            refresh_refused(RefreshRefusal::InvalidTarget),
            revoked(true, RevocationReason::TooManyRefusals),
        ]);
}

#[test]
fn nine_refusals_leave_the_code_good() {
    given(vec![full_code()])
        .and(vec![exchange_refused(ExchangeRefusal::WrongVerifier); 9])
        .when(Command::Exchange(full_exchange()))
        .then_expect_events(vec![full_exchanged()]);
}

#[test]
fn a_reused_code_is_revoked_once_even_as_the_tenth_refusal() {
    given(exchanged())
        .and(vec![exchange_refused(ExchangeRefusal::WrongCode); 9])
        .when(Command::Exchange(full_exchange()))
        .then_expect_events(vec![
            exchange_refused(ExchangeRefusal::CodeReused),
            revoked(true, RevocationReason::CodeReused),
        ]);
}

#[test]
fn after_revocation_one_refusal_more_is_recorded_and_then_none() {
    let revocation = revoked(true, RevocationReason::UserRequest);
    let one_more = given(exchanged())
        .and(vec![revocation.clone()])
        .when(Command::Refresh(refresh(0, 40)))
        .inspect_result()
        .unwrap();
    assert_eq!(one_more, vec![refresh_refused(RefreshRefusal::Revoked)]);
    for command in [
        Command::Refresh(refresh(0, 40)),
        Command::Refresh(refresh(7, 40)),
        Command::Exchange(full_exchange()),
        wrong_code(),
        Command::Refuse {
            request: TokenRequest::Refresh,
            reason: Refusal::UserInactive,
        },
    ] {
        let events = given(exchanged())
            .and(vec![revocation.clone()])
            .and(one_more.clone())
            .when(command)
            .inspect_result()
            .unwrap();
        assert_eq!(events, vec![]);
        assert_eq!(
            ExchangeOutcome::of(&events),
            ExchangeOutcome::RefusedUnrecorded
        );
        assert_eq!(
            RefreshOutcome::of(&events),
            RefreshOutcome::RefusedUnrecorded
        );
    }
}

#[test]
fn the_reuse_that_revoked_leaves_room_for_one_refusal_more() {
    let history: Vec<Event> = exchanged()
        .into_iter()
        .chain([
            exchange_refused(ExchangeRefusal::CodeReused),
            revoked(true, RevocationReason::CodeReused),
        ])
        .collect();
    given(history)
        .when(Command::Exchange(full_exchange()))
        .then_expect_events(vec![exchange_refused(ExchangeRefusal::Revoked)]);
}

#[test]
fn refusals_decided_elsewhere_are_recorded_and_counted() {
    for (request, reason, expected) in [
        (
            TokenRequest::Exchange,
            Refusal::Superseded,
            exchange_refused(ExchangeRefusal::Superseded),
        ),
        (
            TokenRequest::Exchange,
            Refusal::UserInactive,
            exchange_refused(ExchangeRefusal::UserInactive),
        ),
        (
            TokenRequest::Refresh,
            Refusal::Superseded,
            refresh_refused(RefreshRefusal::Superseded),
        ),
        (
            TokenRequest::Refresh,
            Refusal::UserInactive,
            refresh_refused(RefreshRefusal::UserInactive),
        ),
    ] {
        given(exchanged())
            .when(Command::Refuse { request, reason })
            .then_expect_events(vec![expected.clone()]);
        given(exchanged())
            .and(vec![expected.clone(); 9])
            .when(Command::Refuse { request, reason })
            .then_expect_events(vec![
                expected,
                revoked(true, RevocationReason::TooManyRefusals),
            ]);
    }
}

#[test]
fn a_grant_is_revoked_once_with_the_tokens_it_has() {
    for reason in RevocationReason::VARIANTS.iter().copied() {
        let revoke = Command::Revoke { reason };
        given(vec![full_code()])
            .when(revoke.clone())
            .then_expect_events(vec![revoked(false, reason)]);
        given(exchanged())
            .when(revoke.clone())
            .then_expect_events(vec![revoked(true, reason)]);
        given(exchanged())
            .and(vec![refreshed(0, 40)])
            .when(revoke.clone())
            .then_expect_events(vec![revoked(true, reason)]);
        given(exchanged())
            .and(vec![revoked(true, reason)])
            .when(revoke)
            .then_expect_events(vec![]);
    }
}

#[test]
fn the_state_survives_its_snapshot() {
    let mut state = Life::Unknown;
    let history = exchanged()
        .into_iter()
        .chain([
            refreshed(0, 40),
            refresh_refused(RefreshRefusal::RefreshTokenReused),
        ])
        .chain([refresh_refused(RefreshRefusal::WrongClient)]);
    for event in history {
        OAuth2Grant::evolve(&mut state, event);
    }
    let snapshot = serde_json::to_value(&state).unwrap();
    assert_eq!(
        serde_json::from_value::<Life<OAuth2Grant>>(snapshot).unwrap(),
        state
    );
    let grant = state.live().unwrap();
    assert_eq!((grant.refusals, grant.grace_reuse_recorded), (1, true));
}
