//! Licences over HTTP (`docs/contract/proxies_replicas_licenses_appearance.md` 3), against the real server on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use support::{Answer, Server, Session, claims, license, license_keys, license_with};

const LICENSES: &str = "/api/v2/licenses";

async fn add(session: &Session<'_>, text: &str) -> Answer {
    session.post(LICENSES, &json!({ "license": text })).await
}

async fn listed(session: &Session<'_>, query: &str) -> Value {
    let path = format!("{LICENSES}{query}");
    session.get(&path).await.expect(200).json()
}

fn with(name: &str, claim: Value) -> Value {
    let mut claims = claims();
    claims[name] = claim;
    claims
}

#[tokio::test]
async fn licences_are_numbered_from_1_on_and_show_their_claims_as_they_were_signed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    assert_eq!(listed(&owner, "").await, json!([]));
    let signed = [claims(), with("jti", json!("seven"))];
    let mut added = Vec::new();
    for (claims, number) in signed.iter().zip(1..) {
        let answer = add(&owner, &license(claims)).await.expect(201).json();
        assert_eq!(answer["id"], number);
        assert_eq!(&answer["claims"], claims);
        added.push(answer);
    }
    assert_eq!(added[0]["uuid"], signed[0]["jti"]);
    added[1]["uuid"].as_str().unwrap().parse::<Uuid>().unwrap();
    assert_eq!(listed(&owner, "").await, json!(added));
}

#[tokio::test]
async fn a_licence_is_gone_once_it_is_deleted_and_its_number_is_not_given_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let first = license(&claims());
    add(&owner, &first).await.expect(201);
    let deleted = owner.delete("/api/v2/licenses/1").await.expect(200);
    assert_eq!(deleted.text, "");
    let deleted = owner.delete("/api/v2/licenses/1").await;
    deleted.expect_error(404, "Unknown license ID");
    for no_number in ["one", "1.5"] {
        let path = format!("{LICENSES}/{no_number}");
        let answer = owner.delete(&path).await;
        answer.expect_error(404, "License ID must be an integer");
    }
    assert_eq!(listed(&owner, "").await, json!([]));
    // The same text may come again.
    let again = add(&owner, &first).await.expect(201).json();
    assert_eq!(again["id"], 2);
    let twice = add(&owner, &first)
        .await
        .expect_error(400, "Invalid license");
    assert_eq!(twice.member("detail"), "the license was added already");
}

#[tokio::test]
async fn the_licences_of_an_earlier_time_are_shown_as_they_were() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let one = add(&owner, &license(&claims())).await.expect(201).json();
    let position: i64 = sqlx::query_scalar("SELECT max(position) FROM events")
        .fetch_one(server.pool())
        .await
        .unwrap();
    let two = add(&owner, &license(&claims())).await.expect(201).json();
    owner.delete("/api/v2/licenses/1").await.expect(200);
    assert_eq!(listed(&owner, "").await, json!([two]));
    let then = listed(&owner, &format!("?as_of={position}")).await;
    assert_eq!(then, json!([one]));
    let before = listed(&owner, &format!("?as_of={}", position - 1)).await;
    assert_eq!(before, json!([]));
}

#[tokio::test]
async fn what_is_no_licence_of_a_known_key_is_refused_in_the_contracts_words() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let faulty = "license has multiple issues; contact support";
    let under = |header: Value| license_with(&header, &claims());
    let good = license(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let others = license(&claims());
    let (_, wrong) = others.rsplit_once('.').unwrap();
    for (text, detail) in [
        (
            under(json!({ "alg": "EdDSA" })),
            "JOSE header must contain kid",
        ),
        (
            under(json!({ "alg": "EdDSA", "kid": 7 })),
            "JOSE header must contain kid",
        ),
        (
            under(json!({ "alg": "EdDSA", "kid": "x" })),
            "no key with ID x",
        ),
        (under(json!({ "alg": "HS256", "kid": "tests" })), faulty),
        (under(json!({ "alg": "none", "kid": "tests" })), faulty),
        (
            under(json!({ "alg": "EdDSA", "kid": "tests", "crit": ["exp"] })),
            faulty,
        ),
        (format!("{signed}.{wrong}"), faulty),
        (format!("{signed}."), faulty),
        (format!("{good}.{signature}"), faulty),
        (license(&json!([])), faulty),
        (license(&with("exp", json!(1))), faulty),
        (
            license(&with("version", json!(2))),
            "license must be version 3",
        ),
        (
            license(&with("account_id", json!(""))),
            "license must contain valid account ID",
        ),
        (
            license(&with("nbf", Value::Null)),
            "license has invalid or missing nbf (not before) claim",
        ),
        ("invalid".to_owned(), faulty),
        (String::new(), faulty),
    ] {
        let answer = add(&owner, &text)
            .await
            .expect_error(400, "Invalid license");
        assert_eq!(answer.member("detail"), detail, "{text}");
    }
    let locked = license(&with("deployment_ids", json!(["another"])));
    let answer = add(&owner, &locked).await;
    let answer = answer.expect_error(400, "License cannot be used on this deployment!");
    assert!(answer.member("detail").contains("\"another\""));
    assert_eq!(listed(&owner, "").await, json!([]));
}

#[tokio::test]
async fn a_licence_for_this_deployment_or_not_valid_yet_is_taken() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let own = server
        .get("/api/v2/buildinfo")
        .await
        .member("deployment_id");
    let bound = license(&with("deployment_ids", json!(["another", own])));
    add(&owner, &bound).await.expect(201);
    let later = license(&with("nbf", json!(4_000_000_000_u64)));
    add(&owner, &later).await.expect(201);
}

#[tokio::test]
async fn licences_are_for_owners_alone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    add(&owner, &license(&claims())).await.expect(201);
    assert_eq!(listed(&ada, "").await, json!([]));
    add(&ada, "invalid").await.expect(403);
    ada.delete("/api/v2/licenses/1").await.expect(403);
    let nobodys = server.request(Method::POST, LICENSES);
    Answer::to(nobodys.json(&json!({ "license": "" })))
        .await
        .expect(401);
}

#[tokio::test]
async fn keys_are_told_by_base64_or_by_the_file_of_a_pem() {
    let key = license_keys();
    let (_, base64) = key.split_once('=').unwrap();
    // RFC 8410: a SubjectPublicKeyInfo is 12 bytes before the key's own.
    let pem =
        format!("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA{base64}\n-----END PUBLIC KEY-----\n");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    std::fs::write(&file, pem).unwrap();
    let keys = format!("other={base64},tests={}", file.display());
    let server = Server::start_with(&[("CHANCERY_LICENSE_KEYS", &keys)]).await;
    let owner = server.owner().await;
    add(&owner, &license(&claims())).await.expect(201);
}
