use super::*;
use crate::oauth2::pkce::CodeVerifier;

fn refuses(history: Vec<Event>, exchange: Exchange, reason: ExchangeRefusal) {
    let events = given(history)
        .when(Command::Exchange(exchange))
        .inspect_result()
        .unwrap();
    assert_eq!(events, vec![exchange_refused(reason)]);
    assert_eq!(
        ExchangeOutcome::of(&events),
        ExchangeOutcome::Refused(reason)
    );
}

fn accepts(history: Vec<Event>, exchange: Exchange) {
    let events = given(history)
        .when(Command::Exchange(exchange))
        .inspect_result()
        .unwrap();
    assert!(
        matches!(events.as_slice(), [Event::CodeExchanged { .. }]),
        "{events:?}"
    );
    assert_eq!(ExchangeOutcome::of(&events), ExchangeOutcome::Exchanged);
}

#[test]
fn the_code_is_exchanged_for_tokens_bound_to_the_resource() {
    given(vec![full_code()])
        .when(Command::Exchange(full_exchange()))
        .then_expect_events(vec![full_exchanged()]);
}

#[test]
fn a_code_without_anything_optional_is_exchanged() {
    accepts(vec![plain_code()], plain_exchange());
}

#[test]
fn a_wrong_secret_part_is_refused() {
    refuses(
        vec![full_code()],
        Exchange {
            presented_code: hash("guess"),
            ..full_exchange()
        },
        ExchangeRefusal::WrongCode,
    );
}

#[test]
fn a_code_is_refused_from_the_instant_it_expires() {
    accepts(
        vec![full_code()],
        Exchange {
            now: at(CODE_LIFETIME - 1),
            ..full_exchange()
        },
    );
    refuses(
        vec![full_code()],
        Exchange {
            now: at(CODE_LIFETIME),
            ..full_exchange()
        },
        ExchangeRefusal::Expired,
    );
}

#[test]
fn a_code_of_another_app_is_refused() {
    refuses(
        vec![full_code()],
        Exchange {
            app_id: OTHER_APP,
            ..full_exchange()
        },
        ExchangeRefusal::WrongClient,
    );
}

#[test]
fn another_redirect_uri_is_refused_and_none_is_accepted() {
    for other in [
        "http://localhost:9877/callback",
        "http://localhost:9876/callback/",
        "",
    ] {
        refuses(
            vec![full_code()],
            Exchange {
                redirect_uri: Some(other.to_owned()),
                ..full_exchange()
            },
            ExchangeRefusal::RedirectUriMismatch,
        );
    }
    accepts(
        vec![full_code()],
        Exchange {
            redirect_uri: None,
            ..full_exchange()
        },
    );
    accepts(
        vec![plain_code()],
        Exchange {
            redirect_uri: Some(REDIRECT.to_owned()),
            ..plain_exchange()
        },
    );
}

#[test]
fn a_challenge_once_given_must_be_met() {
    for (verifier, reason) in [
        (None, ExchangeRefusal::MissingVerifier),
        (Some(""), ExchangeRefusal::MissingVerifier),
        (Some("wrong_verifier"), ExchangeRefusal::WrongVerifier),
        (Some(CHALLENGE), ExchangeRefusal::WrongVerifier),
    ] {
        refuses(
            vec![full_code()],
            Exchange {
                code_verifier: verifier.map(CodeVerifier::new),
                ..full_exchange()
            },
            reason,
        );
    }
}

#[test]
fn a_verifier_without_a_challenge_is_refused() {
    refuses(
        vec![plain_code()],
        Exchange {
            code_verifier: Some(CodeVerifier::new(VERIFIER)),
            ..plain_exchange()
        },
        ExchangeRefusal::WrongVerifier,
    );
}

#[test]
fn the_resource_is_the_same_on_both_sides_or_on_neither() {
    for (code, exchange, resource) in [
        (full_code(), full_exchange(), None),
        (
            full_code(),
            full_exchange(),
            Some("https://other.example.org"),
        ),
        (
            full_code(),
            full_exchange(),
            Some("https://mcp.example.org/path"),
        ),
        (full_code(), full_exchange(), Some("")),
        (plain_code(), plain_exchange(), Some(RESOURCE)),
    ] {
        refuses(
            vec![code],
            Exchange {
                resource: resource.map(str::to_owned),
                ..exchange
            },
            ExchangeRefusal::InvalidTarget,
        );
    }
}

#[test]
fn the_root_slash_of_the_resource_does_not_matter() {
    accepts(
        vec![full_code()],
        Exchange {
            resource: Some(format!("{RESOURCE}/")),
            ..full_exchange()
        },
    );
}

#[test]
fn the_checks_come_in_the_order_of_the_contract() {
    let mut exchange = Exchange {
        presented_code: hash("guess"),
        now: at(CODE_LIFETIME),
        app_id: OTHER_APP,
        redirect_uri: Some("http://other.example.org".to_owned()),
        code_verifier: None,
        resource: None,
        ..full_exchange()
    };
    let mut expect = |reason, correct: fn(&mut Exchange)| {
        refuses(vec![full_code()], exchange.clone(), reason);
        correct(&mut exchange);
    };
    expect(ExchangeRefusal::WrongCode, |exchange| {
        exchange.presented_code = hash("code");
    });
    expect(ExchangeRefusal::Expired, |exchange| exchange.now = at(1));
    expect(ExchangeRefusal::WrongClient, |exchange| {
        exchange.app_id = APP;
    });
    expect(ExchangeRefusal::RedirectUriMismatch, |exchange| {
        exchange.redirect_uri = None;
    });
    expect(ExchangeRefusal::MissingVerifier, |exchange| {
        exchange.code_verifier = Some(CodeVerifier::new(VERIFIER));
    });
    expect(ExchangeRefusal::InvalidTarget, |exchange| {
        exchange.resource = Some(RESOURCE.to_owned());
    });
    accepts(vec![full_code()], exchange);
}

#[test]
fn a_failed_check_does_not_consume_the_code() {
    accepts(
        vec![
            full_code(),
            exchange_refused(ExchangeRefusal::WrongVerifier),
        ],
        full_exchange(),
    );
}

#[test]
fn a_reused_code_ends_what_was_issued_from_it() {
    let reuse = |exchange| {
        given(exchanged())
            .when(Command::Exchange(exchange))
            .then_expect_events(vec![
                exchange_refused(ExchangeRefusal::CodeReused),
                revoked(true, RevocationReason::CodeReused),
            ]);
    };
    reuse(full_exchange());
    // The code counts as used before anything else is looked at.
    reuse(Exchange {
        app_id: OTHER_APP,
        now: at(CODE_LIFETIME),
        ..full_exchange()
    });
}

#[test]
fn reuse_after_a_refresh_ends_the_newest_tokens() {
    given(exchanged())
        .and(vec![refreshed(0, 40)])
        .when(Command::Exchange(full_exchange()))
        .then_expect_events(vec![
            exchange_refused(ExchangeRefusal::CodeReused),
            revoked(true, RevocationReason::CodeReused),
        ]);
}

#[test]
fn a_wrong_code_for_an_exchanged_grant_is_no_reuse() {
    refuses(
        exchanged(),
        Exchange {
            presented_code: hash("guess"),
            ..full_exchange()
        },
        ExchangeRefusal::WrongCode,
    );
}

#[test]
fn the_code_of_a_revoked_grant_is_refused() {
    refuses(
        vec![full_code(), revoked(false, RevocationReason::UserRequest)],
        full_exchange(),
        ExchangeRefusal::Revoked,
    );
}
