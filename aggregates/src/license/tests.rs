use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use serde_json::json;

use super::*;
use crate::deployment::DeploymentId;

const OWN_UUID: LicenseUuid = LicenseUuid::from_u128(1);
const JTI: LicenseUuid = LicenseUuid::from_u128(2);
const DEPLOYMENT: DeploymentId = DeploymentId::from_u128(3);
const NOW: i64 = 1_800_000_000;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<License>> {
    TestFramework::with(()).given(events)
}

fn claims() -> Value {
    json!({
        "version": 3, "iat": NOW - 10, "nbf": 1_800_000_010.5, "exp": NOW + 100, "license_expires": NOW + 90,
        "account_type": "salesforce", "account_id": "7", "jti": JTI, "features": {"user_limit": 5.5},
    })
}

fn signed(claims: &Value) -> LicenseJwt {
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    LicenseJwt::parse(&format!("e30.{payload}.c2ln")).unwrap()
}

fn create(claims: &Value) -> Command {
    Command::CreateLicense {
        jwt: signed(claims),
        uuid: OWN_UUID,
        deployment_id: DEPLOYMENT,
        now: DateTime::from_timestamp(NOW, 0).unwrap(),
    }
}

fn created(uuid: LicenseUuid, claims: &Value) -> Event {
    let jwt = signed(claims);
    Event::LicenseCreated(License { uuid, jwt })
}

fn with(name: &str, claim: Value) -> Value {
    let mut claims = claims();
    claims[name] = claim;
    claims
}

#[test]
fn a_licence_is_added_once_under_its_jti_or_under_a_uuid_of_ours() {
    given(vec![])
        .when(create(&claims()))
        .then_expect_events(vec![created(JTI, &claims())]);
    for jti in [json!("seven"), json!(7), Value::Null] {
        let claims = with("jti", jti);
        given(vec![])
            .when(create(&claims))
            .then_expect_events(vec![created(OWN_UUID, &claims)]);
    }
    let deleted = Event::LicenseDeleted { uuid: JTI };
    for history in [vec![], vec![deleted]] {
        given([vec![created(JTI, &claims())], history].concat())
            .when(create(&claims()))
            .then_expect_error(Error::AlreadyExists);
    }
}

#[test]
fn the_claims_stay_as_they_were_signed() {
    assert_eq!(signed(&claims()).claims(), claims());
    assert_eq!(
        signed(&claims()).expires_at().unwrap().timestamp(),
        NOW + 100
    );
}

#[test]
fn each_required_claim_is_missed_in_its_own_words() {
    for (name, words) in [
        ("version", "license must be version 3"),
        (
            "iat",
            "license has invalid or missing iat (issued at) claim",
        ),
        (
            "nbf",
            "license has invalid or missing nbf (not before) claim",
        ),
        (
            "license_expires",
            "license has invalid or missing license_expires claim",
        ),
        (
            "exp",
            "license has invalid or missing exp (expires at) claim",
        ),
        ("account_type", "license must contain valid account type"),
        ("account_id", "license must contain valid account ID"),
    ] {
        for claim in [Value::Null, json!(""), json!([])] {
            given(vec![])
                .when(create(&with(name, claim)))
                .then_expect_error_message(words);
        }
    }
}

#[test]
fn a_licence_that_is_over_or_ends_after_five_years_is_refused() {
    let five_years = LONGEST.num_seconds();
    given(vec![])
        .when(create(&with(
            "license_expires",
            json!(NOW + five_years + 1),
        )))
        .then_expect_error_message("license has invalid or missing license_expires claim");
    given(vec![])
        .when(create(&with("exp", json!(NOW))))
        .then_expect_error_message("license has multiple issues; contact support");
}

#[test]
fn a_licence_for_other_deployments_is_refused() {
    let own = with("deployment_ids", json!(["x", DEPLOYMENT]));
    given(vec![])
        .when(create(&own))
        .then_expect_events(vec![created(JTI, &own)]);
    given(vec![])
        .when(create(&with("deployment_ids", json!(["x"]))))
        .then_expect_error(Error::OtherDeployments {
            deployment_ids: vec!["x".to_owned()],
            deployment_id: DEPLOYMENT,
        });
    for unreadable in [json!("x"), json!([7])] {
        given(vec![])
            .when(create(&with("deployment_ids", unreadable)))
            .then_expect_error(Error::Invalid(FAULTY.to_owned()));
    }
}

#[test]
fn a_licence_that_exists_is_deleted_and_its_uuid_is_free_again() {
    let deleted = Event::LicenseDeleted { uuid: JTI };
    given(vec![created(JTI, &claims())])
        .when(Command::DeleteLicense)
        .then_expect_events(vec![deleted.clone()]);
    given(vec![])
        .when(Command::DeleteLicense)
        .then_expect_error(Error::NotFound);
    let key = format!("license:{JTI}");
    assert_eq!(
        License::keys("1", &created(JTI, &claims())),
        vec![UniqueKey::Take(key.clone())]
    );
    assert_eq!(License::keys("1", &deleted), vec![UniqueKey::Free(key)]);
}

#[test]
fn a_text_without_claims_is_no_licence() {
    for text in [
        "",
        "a.b",
        "e30.e30",
        "e30.W10.c2ln",
        "e30.e30.c2ln.e30",
        "e30.!.c2ln",
    ] {
        assert_eq!(LicenseJwt::parse(text), None, "{text}");
    }
}
