use super::*;

const CODE_KEY: &str =
    "oauth2_code:00000000-0000-0000-0000-000000000003:00000000-0000-0000-0000-000000000001";
const GRANT_KEY: &str =
    "oauth2_grant:00000000-0000-0000-0000-000000000003:00000000-0000-0000-0000-000000000001";

fn keys(event: &Event) -> Vec<UniqueKey> {
    OAuth2Grant::keys("grant00001", event)
}

#[test]
fn an_exclusive_code_seizes_the_place_of_earlier_codes() {
    assert_eq!(
        keys(&full_code()),
        vec![UniqueKey::Seize(CODE_KEY.to_owned())]
    );
}

#[test]
fn an_exclusive_exchange_needs_the_latest_code_and_seizes_the_place_of_earlier_grants() {
    assert_eq!(
        keys(&full_exchanged()),
        vec![
            UniqueKey::Require(CODE_KEY.to_owned()),
            UniqueKey::Free(CODE_KEY.to_owned()),
            UniqueKey::Seize(GRANT_KEY.to_owned()),
        ]
    );
}

#[test]
fn an_exclusive_refresh_needs_the_live_grant() {
    assert_eq!(
        keys(&refreshed(0, 40)),
        vec![UniqueKey::Require(GRANT_KEY.to_owned())]
    );
}

#[test]
fn a_revoked_grant_frees_what_it_may_hold() {
    assert_eq!(
        keys(&revoked(false, RevocationReason::UserRequest)),
        vec![
            UniqueKey::Free(CODE_KEY.to_owned()),
            UniqueKey::Free(GRANT_KEY.to_owned())
        ]
    );
}

#[test]
fn refusals_use_no_keys() {
    assert_eq!(keys(&exchange_refused(ExchangeRefusal::WrongCode)), vec![]);
    assert_eq!(keys(&refresh_refused(RefreshRefusal::WrongToken)), vec![]);
}

#[test]
fn a_grant_that_is_not_exclusive_uses_no_keys() {
    let exchanged = given(vec![plain_code()])
        .when(Command::Exchange(plain_exchange()))
        .inspect_result()
        .unwrap();
    let refreshed = given(vec![plain_code()])
        .and(exchanged.clone())
        .when(Command::Refresh(refresh(0, 40)))
        .inspect_result()
        .unwrap();
    for event in [plain_code()].iter().chain(&exchanged).chain(&refreshed) {
        assert_eq!(keys(event), vec![]);
    }
}
