use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, Session};
use crate::{USERS, ask, provision, sent, server};

async fn user(owner: &Session<'_>, name: &str) -> Value {
    let answer = owner.get(&format!("/api/v2/users/{name}")).await;
    answer.expect(200).json()
}

#[tokio::test]
async fn a_user_is_made_dormant_in_the_default_organization_and_what_was_sent_is_echoed() {
    let server = server().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let body = sent("ada", true);
    let answer = ask(&server, Method::POST, USERS, Some(&body))
        .await
        .expect(200);
    assert_eq!(
        answer.header("content-type"),
        "application/json; charset=utf-8"
    );
    let made = user(&owner, "ada").await;
    let mut echoed = body;
    echoed["id"] = made["id"].clone();
    assert_eq!(answer.json(), echoed);
    assert_eq!(made["email"], "ada@example.com");
    assert_eq!(
        (
            &made["status"],
            &made["login_type"],
            &made["name"],
            &made["roles"]
        ),
        (&json!("dormant"), &json!("oidc"), &json!(""), &json!([]))
    );
    assert_eq!(made["organization_ids"], json!([home]));
}

#[tokio::test]
async fn what_is_left_out_is_echoed_as_nothing() {
    let server = server().await;
    let body = json!({ "userName": "ada", "emails": [{ "primary": true, "value": "ada@example.com" }], "active": false, "x": 1 });
    let mut answer = provision(&server, &body).await;
    answer["id"].take();
    assert_eq!(
        answer,
        json!({
            "schemas": null, "id": null, "userName": "ada", "name": { "givenName": "", "familyName": "" },
            "emails": [{ "primary": true, "value": "ada@example.com", "type": "", "display": "" }],
            "active": false, "groups": null, "meta": { "resourceType": "" },
        })
    );
}

#[tokio::test]
async fn who_is_sent_again_is_found_by_address_or_name_whatever_their_case_and_stays_one_user() {
    let server = server().await;
    let owner = server.owner().await;
    let made = provision(&server, &sent("ada", true)).await;
    let body = sent("ada", true);
    for answer in join_all((0..3).map(|_| provision(&server, &body))).await {
        assert_eq!(answer["id"], made["id"]);
    }
    let mut by_address = sent("another", true);
    by_address["emails"][1]["value"] = "ADA@example.com".into();
    let mut by_name = sent("ADA", true);
    by_name["emails"][1]["value"] = "new@example.com".into();
    for body in [by_address, by_name] {
        let answer = provision(&server, &body).await;
        assert_eq!(
            (&answer["id"], &answer["userName"]),
            (&made["id"], &json!("ada"))
        );
    }
    let listed = owner.get("/api/v2/users").await.expect(200).json();
    assert_eq!(listed["count"], 2);
}

#[tokio::test]
async fn many_who_send_the_same_person_at_once_make_one_user() {
    let server = server().await;
    let body = sent("ada", true);
    let answers = join_all((0..6).map(|_| provision(&server, &body))).await;
    for answer in &answers {
        assert_eq!(answer["id"], answers[0]["id"]);
    }
    assert_eq!(provision(&server, &body).await["id"], answers[0]["id"]);
}

#[tokio::test]
async fn a_name_that_chancery_cannot_give_is_made_into_one() {
    let server = server().await;
    let owner = server.owner().await;
    let named = async |username: &str, email: &str| {
        let mut body = sent("x", true);
        body["userName"] = username.into();
        body["emails"][1]["value"] = email.into();
        let answer = provision(&server, &body).await;
        let name = answer["userName"].as_str().unwrap().to_owned();
        let made = user(&owner, &name).await;
        assert_eq!(
            (&made["id"], &made["email"]),
            (&answer["id"], &json!(email))
        );
        name
    };
    assert_eq!(
        named("ada.lovelace@example.com", "a1@example.com").await,
        "adalovelace"
    );
    assert_eq!(named("", "grace-h@example.com").await, "grace-h");
    // Whose name another has gets one like it, and of whose nothing is left any.
    let like = named("ada_lovelace", "a2@example.com").await;
    assert!(like.starts_with("adalovelace-"), "{like}");
    let any = named("_@example.com", "a3@example.com").await;
    assert!(!any.is_empty());
    let long = named(&"x".repeat(40), "a4@example.com").await;
    assert!(long.len() <= 32, "{long}");
}

#[tokio::test]
async fn who_belongs_to_the_default_organization_is_a_setting() {
    let server = server().await;
    let owner = server.owner().await;
    let settings = json!({ "field": "", "organization_assign_default": false });
    let path = "/api/v2/settings/idpsync/organization";
    owner.patch(path, &settings).await.expect(200);
    provision(&server, &sent("ada", true)).await;
    assert_eq!(user(&owner, "ada").await["organization_ids"], json!([]));
}

#[tokio::test]
async fn what_is_sent_wrong_is_refused_in_the_contracts_words() {
    let server = server().await;
    let post = async |body: &Value| ask(&server, Method::POST, USERS, Some(body)).await;
    let without = |name: &str| {
        let mut body = sent("ada", true);
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let with = |name: &str, value: Value| {
        let mut body = sent("ada", true);
        body[name] = value;
        body
    };
    for body in [without("active"), with("active", Value::Null)] {
        let answer = post(&body).await;
        answer.expect_scim_error(400, "invalidRequest", "active field is required");
    }
    for emails in [
        json!([]),
        json!(null),
        json!([{ "value": "ada@example.com" }]),
    ] {
        let answer = post(&with("emails", emails)).await;
        answer.expect_scim_error(400, "invalidEmail", "no primary email provided");
    }
    let no_address = json!([{ "primary": true, "value": "ada" }]);
    let answer = post(&with("emails", no_address)).await;
    answer.expect_scim_error(400, "invalidEmail", "");
    for body in [
        json!([]),
        with("active", json!("yes")),
        with("userName", json!(7)),
    ] {
        post(&body)
            .await
            .expect_scim_error(400, "invalidRequest", "");
    }
    let request = server
        .request(Method::POST, USERS)
        .bearer_auth(crate::KEY)
        .body("{");
    let answer = crate::support::Answer::to(request).await;
    answer.expect_scim_error(400, "invalidRequest", "EOF");
    assert_nobody(&server).await;
}

async fn assert_nobody(server: &Server) {
    let owner = server.owner().await;
    let listed = owner.get("/api/v2/users").await.expect(200).json();
    assert_eq!(listed["count"], 1);
}
