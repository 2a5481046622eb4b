use super::*;
use crate::oauth2::pkce::CodeChallenge;
use crate::oauth2::redirect_uri::RedirectUri;
use crate::oauth2::resource::Resource;
use crate::oauth2::scope::Scope;

fn issue() -> IssueCode {
    IssueCode {
        app_id: APP,
        user_id: USER,
        credential_generation: 0,
        hashed_code: hash("code"),
        redirect_uri: Some(RedirectUri::parse(REDIRECT).unwrap()),
        resource_uri: Some(Resource::parse(RESOURCE).unwrap()),
        code_challenge: CodeChallenge::from_parameters(Some(CHALLENGE), None).unwrap(),
        scope: Scope::parse("all").unwrap(),
        state_hash: Some(hash("state")),
        exclusive: true,
        code_expires_at: at(CODE_LIFETIME),
        issued_at: at(0),
    }
}

#[test]
fn the_code_is_issued_with_everything_the_request_carried() {
    given(vec![])
        .when(Command::IssueCode(issue()))
        .then_expect_events(vec![full_code()]);
}

#[test]
fn what_the_request_did_not_carry_is_not_recorded() {
    let plain = IssueCode {
        redirect_uri: None,
        resource_uri: None,
        code_challenge: None,
        scope: Scope::default(),
        state_hash: None,
        exclusive: false,
        ..issue()
    };
    given(vec![])
        .when(Command::IssueCode(plain))
        .then_expect_events(vec![plain_code()]);
}

#[test]
fn absent_fields_are_left_out_of_the_json_and_read_back_as_absent() {
    let json = serde_json::to_value(plain_code()).unwrap();
    let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), 9, "{fields:?}");
    assert!(!json.to_string().contains("null"), "{json}");
    assert_eq!(serde_json::from_value::<Event>(json).unwrap(), plain_code());
}

#[test]
fn a_grant_id_is_used_once() {
    given(vec![full_code()])
        .when(Command::IssueCode(issue()))
        .then_expect_error(Error::AlreadyIssued);
    given(vec![
        full_code(),
        revoked(false, RevocationReason::UserRequest),
    ])
    .when(Command::IssueCode(issue()))
    .then_expect_error(Error::AlreadyIssued);
}

#[test]
fn a_made_up_grant_leaves_no_record() {
    for command in [
        Command::Exchange(full_exchange()),
        Command::Refresh(refresh(0, 40)),
        Command::Refuse {
            request: TokenRequest::Exchange,
            reason: Refusal::Superseded,
        },
        Command::Revoke {
            reason: RevocationReason::UserRequest,
        },
    ] {
        given(vec![])
            .when(command)
            .then_expect_error(Error::NotFound);
    }
}
