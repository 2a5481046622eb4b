use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server, Session, UNKNOWN};
use crate::{USERS, ask, provision, sent, server};

/// Sends whether a user is active.
async fn set(server: &Server, method: Method, id: &str, body: &Value) -> Answer {
    ask(server, method, &format!("{USERS}/{id}"), Some(body)).await
}

async fn status(owner: &Session<'_>, id: &str) -> Value {
    let answer = owner.get(&format!("/api/v2/users/{id}")).await;
    answer.expect(200).json()["status"].clone()
}

/// How often a user was changed, by the trail.
async fn writes(owner: &Session<'_>, id: &str) -> usize {
    let query = format!("resource_type:user action:write resource_id:{id}");
    owner.audit(&query).await.len()
}

#[tokio::test]
async fn a_user_is_suspended_and_comes_back_dormant() {
    for method in [Method::PATCH, Method::PUT] {
        let server = server().await;
        let owner = server.owner().await;
        let made = provision(&server, &sent("ada", true)).await;
        let id = made["id"].as_str().unwrap();
        for (active, expected) in [
            (true, "dormant"),
            (false, "suspended"),
            (false, "suspended"),
            (true, "dormant"),
            (true, "dormant"),
        ] {
            let answer = set(&server, method.clone(), id, &sent("ada", active)).await;
            let answer = answer.expect(200);
            assert_eq!(
                answer.header("content-type"),
                "application/json; charset=utf-8"
            );
            let mut echoed = sent("ada", active);
            echoed["id"] = id.into();
            assert_eq!(answer.json(), echoed);
            assert_eq!(status(&owner, id).await, expected);
        }
        assert_eq!(writes(&owner, id).await, 2);
    }
}

#[tokio::test]
async fn who_is_active_stays_active() {
    let server = server().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.create_person("ada", &[&home]).await.expect(201);
    let id = ada.member("id");
    let writes_before = writes(&owner, &id).await;
    for method in [Method::PATCH, Method::PUT] {
        set(&server, method, &id, &json!({ "active": true }))
            .await
            .expect(200);
    }
    provision(&server, &sent("ada", true)).await;
    provision(&server, &sent("ada", false)).await;
    assert_eq!(status(&owner, &id).await, "active");
    assert_eq!(writes(&owner, &id).await, writes_before);
}

#[tokio::test]
async fn who_is_sent_again_as_active_is_suspended_no_more() {
    let server = server().await;
    let owner = server.owner().await;
    let made = provision(&server, &sent("ada", true)).await;
    let id = made["id"].as_str().unwrap();
    set(&server, Method::PATCH, id, &json!({ "active": false }))
        .await
        .expect(200);
    provision(&server, &sent("ada", false)).await;
    assert_eq!(status(&owner, id).await, "suspended");
    provision(&server, &sent("ada", true)).await;
    assert_eq!(status(&owner, id).await, "dormant");
}

#[tokio::test]
async fn a_suspension_ends_sessions_tokens_and_grants_for_good() {
    let server = server().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let app = owner.app("app", "https://app.example.com/callback").await;
    let ada = owner.person("ada", &[&home]).await;
    let named = json!({ "token_name": "laptop" });
    let token = ada.post("/api/v2/users/me/keys/tokens", &named).await;
    let token = Session::of(&server, token.expect(201).member("key")).await;
    let oauth2 = app.tokens(&ada).await;
    let code = ada.code(&app.authorization()).await;
    let id = ada.get("/api/v2/users/me").await.expect(200).member("id");
    set(&server, Method::PATCH, &id, &json!({ "active": false }))
        .await
        .expect(200);
    owner
        .put(&format!("/api/v2/users/{id}/status/activate"), &json!({}))
        .await
        .expect(200);
    for session in [&ada, &token] {
        session.get("/api/v2/users/me").await.expect(401);
    }
    assert_eq!(oauth2.status(&server).await, 401);
    for form in [app.exchange(&code), app.refresh(&oauth2.refresh_token)] {
        let answer = server.token(&form).await;
        answer.expect_oauth2_error(400, "invalid_grant", "");
    }
    let keys = owner.get(&format!("/api/v2/users/{id}/keys/tokens")).await;
    assert_eq!(keys.expect(200).json(), json!([]));
}

#[tokio::test]
async fn an_owner_is_not_suspended() {
    let server = server().await;
    let owner = server.owner().await;
    let id = owner.get("/api/v2/users/me").await.expect(200).member("id");
    let answer = set(&server, Method::PATCH, &id, &json!({ "active": false })).await;
    answer.expect_scim_error(400, "mutability", "owner");
    owner.get("/api/v2/users/me").await.expect(200);
}

#[tokio::test]
async fn another_user_name_is_refused_by_put_and_passed_over_by_patch() {
    let server = server().await;
    let made = provision(&server, &sent("ada", true)).await;
    let id = made["id"].as_str().unwrap();
    let other = sent("eve", true);
    let answer = set(&server, Method::PUT, id, &other).await;
    let detail =
        "username is currently an immutable field, and cannot be changed. Current: ada, New: eve";
    answer.expect_scim_error(400, "mutability", detail);
    let answer = set(&server, Method::PATCH, id, &other).await.expect(200);
    assert_eq!(answer.member("userName"), "eve");
    let unnamed = json!({ "active": true, "userName": "" });
    set(&server, Method::PUT, id, &unnamed).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_contracts_order() {
    let server = server().await;
    let made = provision(&server, &sent("ada", true)).await;
    let id = made["id"].as_str().unwrap();
    let required = ("invalidRequest", "active field is required");
    let malformed = ("invalidId", "id must be a uuid: ");
    for (method, id, body, status, (scim_type, detail)) in [
        (Method::PATCH, "x", json!({}), 400, malformed),
        (Method::PATCH, UNKNOWN, json!({}), 404, ("notFound", "")),
        (Method::PATCH, id, json!({}), 400, required),
        (Method::PUT, "x", json!({}), 400, required),
        (Method::PUT, "x", json!({ "active": true }), 400, malformed),
        (
            Method::PUT,
            UNKNOWN,
            json!({ "active": true }),
            404,
            ("notFound", ""),
        ),
        (
            Method::PUT,
            id,
            json!({ "active": 1 }),
            400,
            ("invalidRequest", ""),
        ),
    ] {
        let answer = set(&server, method, id, &body).await;
        answer.expect_scim_error(status, scim_type, detail);
    }
}
