//! Provisioner keys over HTTP (`docs/contract/provisioners.md` 3), against the real server on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

use reqwest::Method;
use serde_json::{Value, json};

use support::{Answer, NOT_FOUND, Server, Session};

const KEYS: &str = "/api/v2/organizations/default/provisionerkeys";
const KEY_HEADER: &str = "Coder-Provisioner-Daemon-Key";
const PSK_HEADER: &str = "Coder-Provisioner-Daemon-PSK";

async fn make(session: &Session<'_>, name: &str) -> Answer {
    session.post(KEYS, &json!({ "name": name })).await
}

async fn delete(session: &Session<'_>, name: &str) -> Answer {
    session.delete(&format!("{KEYS}/{name}")).await
}

async fn listed(session: &Session<'_>, query: &str) -> Answer {
    session.get(&format!("{KEYS}{query}")).await.expect(200)
}

/// What is answered to one who shows this.
async fn shown(server: &Server, headers: &[(&str, &str)]) -> Answer {
    let request = server.request(Method::GET, "/api/v2/provisionerkeys/any");
    Answer::with(request, headers).await
}

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_its_text() {
    let server = Server::start().await;
    let owner = server.owner().await;
    assert_eq!(listed(&owner, "").await.json(), json!([]));
    let tags = json!({ "region": "eu", "cluster": "a" });
    let body = json!({ "name": "Builders", "tags": tags });
    let made = owner.post(KEYS, &body).await.expect(201);
    let key = made.member("key");
    assert_eq!(made.json(), json!({ "key": key }));
    assert!(key.len() == 43 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    make(&owner, "a").await.expect(201);
    let keys = listed(&owner, "").await;
    assert!(!keys.text.contains(&key));
    insta::assert_json_snapshot!("keys", keys.json(), {
        "[].id" => "[uuid]", "[].organization" => "[uuid]", "[].created_at" => "[time]",
    });
    let home = owner.default_organization().await;
    assert_eq!(keys.each("organization"), [&*home, &home]);
    // Keys are those of their organization.
    let other = owner.organization("other").await;
    let elsewhere = format!("/api/v2/organizations/{other}/provisionerkeys");
    assert_eq!(owner.get(&elsewhere).await.json(), json!([]));
    owner.post(&elsewhere, &body).await.expect(201);
}

#[tokio::test]
async fn a_name_that_breaks_a_rule_is_refused_in_the_contracts_words() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (name, words) in [
        ("", "Name is required"),
        (&*"x".repeat(65), "Name must be at most 64 characters"),
        ("a\tb", "Name must not have control characters"),
        ("built-in", "Name cannot be reserved name 'built-in'"),
        ("User-Auth", "Name cannot be reserved name 'User-Auth'"),
        ("PSK", "Name cannot be reserved name 'PSK'"),
    ] {
        let refused = make(&owner, name).await.expect_error(400, words);
        let fields = json!([{ "field": "name", "detail": words }]);
        assert_eq!(refused.json()["validations"], fields);
    }
    owner
        .post(KEYS, &json!({}))
        .await
        .expect_error(400, "Name is required");
    make(&owner, &"x".repeat(64)).await.expect(201);
    make(&owner, "Key").await.expect(201);
    let words = "Provisioner key with name 'KEY' already exists in organization";
    make(&owner, "KEY").await.expect_error(409, words);
}

#[tokio::test]
async fn tags_that_nothing_can_have_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for tags in [json!({ "a": "\n" }), json!({ "x".repeat(257): "" })] {
        let body = json!({ "name": "key", "tags": tags });
        let words = "Given tags are not acceptable to the service";
        let refused = owner.post(KEYS, &body).await.expect_error(400, words);
        assert_eq!(refused.fields(), ["tags"]);
    }
    let unreadable = json!({ "name": "key", "tags": ["a"] });
    owner.post(KEYS, &unreadable).await.expect(400);
    assert_eq!(listed(&owner, "").await.json(), json!([]));
}

#[tokio::test]
async fn a_key_is_deleted_by_its_name_in_any_case_and_its_name_is_free_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    make(&owner, "Key/1").await.expect(201);
    delete(&owner, "other").await.expect_error(404, NOT_FOUND);
    let deleted = delete(&owner, "KEY%2F1").await.expect(204);
    assert_eq!(deleted.text, "");
    delete(&owner, "key%2F1").await.expect_error(404, NOT_FOUND);
    assert_eq!(listed(&owner, "").await.json(), json!([]));
    make(&owner, "key/1").await.expect(201);
    for name in ["built-in", "user-auth", "psk"] {
        let words = format!("Cannot delete reserved '{name}' provisioner key");
        delete(&owner, name).await.expect_error(400, &words);
    }
}

#[tokio::test]
async fn keys_of_an_earlier_time_are_shown_as_they_were() {
    let server = Server::start().await;
    let owner = server.owner().await;
    make(&owner, "key").await.expect(201);
    let then = listed(&owner, "").await.json();
    let position: i64 = sqlx::query_scalar("SELECT max(position) FROM events")
        .fetch_one(server.pool())
        .await
        .unwrap();
    delete(&owner, "key").await.expect(204);
    let as_of = |position: i64| format!("?as_of={position}");
    assert_eq!(listed(&owner, &as_of(position)).await.json(), then);
    let before = listed(&owner, &as_of(position - 1)).await;
    assert_eq!(before.json(), json!([]));
}

#[tokio::test]
async fn keys_are_for_admins_and_template_admins_and_unknown_to_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let other = owner.organization("other").await;
    make(&owner, "key").await.expect(201);
    for (name, organization, roles) in [
        ("ada", &home, &["organization-admin"][..]),
        ("bob", &home, &["organization-template-admin"]),
    ] {
        let admin = owner.person(name, &[organization]).await;
        owner
            .set_member_roles(organization, name, roles)
            .await
            .expect(200);
        assert_eq!(listed(&admin, "").await.each("name"), ["key"]);
        make(&admin, name).await.expect(201);
        delete(&admin, name).await.expect(204);
    }
    let site = owner.person("cat", &[&other]).await;
    let roles = json!({ "roles": ["template-admin"] });
    owner
        .put("/api/v2/users/cat/roles", &roles)
        .await
        .expect(200);
    make(&site, "cat").await.expect(201);
    let member = owner.person("dan", &[&home]).await;
    let elsewhere = owner.person("eve", &[&other]).await;
    owner
        .set_member_roles(&other, "eve", &["organization-admin"])
        .await
        .expect(200);
    for stranger in [&member, &elsewhere] {
        make(stranger, "x").await.expect_error(404, NOT_FOUND);
        stranger.get(KEYS).await.expect_error(404, NOT_FOUND);
        delete(stranger, "key").await.expect_error(404, NOT_FOUND);
        // Nor does it matter which names there are.
        delete(stranger, "psk").await.expect_error(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_daemon_reads_its_own_key_by_showing_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let key = make(&owner, "key").await.expect(201).member("key");
    let own = shown(&server, &[(KEY_HEADER, &key)]).await.expect(200);
    assert_eq!(json!([own.json()]), listed(&owner, "").await.json());
    let required = "provisioner daemon key required";
    for headers in [
        &[][..],
        &[(KEY_HEADER, "")],
        &[("Coder-Session-Token", &owner.token)],
    ] {
        shown(&server, headers).await.expect_error(401, required);
    }
    let invalid = "provisioner daemon key invalid";
    let short = shown(&server, &[(KEY_HEADER, &key[1..])]).await;
    let short = short.expect_error(400, invalid);
    assert_eq!(short.member("detail"), "must be 43 characters");
    let other = format!("{}{}", &key[1..], &key[..1]);
    for wrong in [&*other, &"x".repeat(43)] {
        let refused = shown(&server, &[(KEY_HEADER, wrong)]).await;
        refused.expect_error(401, invalid);
    }
    let both = shown(&server, &[(KEY_HEADER, &key), (PSK_HEADER, "psk")]).await;
    both.expect_error(
        400,
        "provisioner daemon key and psk provided, but only one is allowed",
    );
    let psk = shown(&server, &[(PSK_HEADER, "psk")]).await;
    psk.expect_error(401, "provisioner daemon psk invalid");
}

#[tokio::test]
async fn a_key_ends_with_its_deletion_and_with_its_organization() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let invalid = "provisioner daemon key invalid";
    let key = make(&owner, "key").await.expect(201).member("key");
    delete(&owner, "key").await.expect(204);
    let refused = shown(&server, &[(KEY_HEADER, &key)]).await;
    refused.expect_error(401, invalid);
    let other = owner.organization("other").await;
    let keys = format!("/api/v2/organizations/{other}/provisionerkeys");
    let made = owner.post(&keys, &json!({ "name": "key" })).await;
    let key = made.expect(201).member("key");
    shown(&server, &[(KEY_HEADER, &key)]).await.expect(200);
    owner
        .delete("/api/v2/organizations/other")
        .await
        .expect(200);
    let refused = shown(&server, &[(KEY_HEADER, &key)]).await;
    refused.expect_error(401, invalid);
}

#[tokio::test]
async fn an_app_that_acts_for_an_admin_makes_no_key() {
    const CALLBACK: &str = "http://localhost:9876/callback";
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let tokens = support::Tokens::of(&server, &app.exchange(&code)).await;
    let request = server
        .request(Method::POST, KEYS)
        .header("Coder-Session-Token", &tokens.access_token);
    Answer::to(request.json(&json!({ "name": "key" })))
        .await
        .expect(403);
    assert_eq!(listed(&owner, "").await.json(), Value::Array(Vec::new()));
}
