use serde_json::json;

use crate::support::{Answer, PASSWORD, Server, Session};
use crate::{USERS, assert_not_found, body, create, fields, person};

const NEW: &str = "Another-Horse-Battery-7";
const TOKENS: &str = "/api/v2/users/me/keys/tokens";

async fn login(server: &Server, password: &str) -> u16 {
    let body = json!({ "email": "ada@example.com", "password": password });
    let request = server
        .request(reqwest::Method::POST, "/api/v2/users/login")
        .json(&body);
    Answer::to(request).await.status.as_u16()
}

async fn api_token<'a>(session: &Session<'a>, name: &str) -> Session<'a> {
    let created = session
        .post(TOKENS, &json!({ "token_name": name }))
        .await
        .expect(201);
    Session::of(session.server, created.member("key")).await
}

#[tokio::test]
async fn a_changed_password_ends_every_session_and_token_and_lets_the_new_one_in() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", "https://app.example.com/callback").await;
    let ada = person(&owner, "ada", &[]).await;
    let other_session = server.sign_in("ada@example.com", PASSWORD).await;
    let token = api_token(&ada, "laptop").await;
    let oauth2 = app.tokens(&ada).await;

    let body = json!({ "old_password": PASSWORD, "password": NEW });
    let changed = ada
        .put(&format!("{USERS}/me/password"), &body)
        .await
        .expect(204);
    assert_eq!(changed.text, "");
    for session in [&ada, &other_session, &token] {
        session.get("/api/v2/users/me").await.expect(401);
    }
    assert_eq!(oauth2.status(&server).await, 401);
    let refresh = server.token(&app.refresh(&oauth2.refresh_token)).await;
    assert_eq!(refresh.status.as_u16(), 400, "{refresh:?}");
    assert_eq!(login(&server, PASSWORD).await, 401);
    let ada = server.sign_in("ada@example.com", NEW).await;
    assert_eq!(ada.get(TOKENS).await.expect(200).json(), json!([]));
    // The name is free again.
    api_token(&ada, "laptop").await;
    // Others are not concerned.
    owner.get("/api/v2/users/me").await.expect(200);
}

#[tokio::test]
async fn ones_own_password_needs_the_old_one_and_an_owner_needs_none() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    let path = format!("{USERS}/ada/password");
    for body in [
        json!({ "password": NEW }),
        json!({ "password": NEW, "old_password": "wrong" }),
    ] {
        let refused = ada.put(&path, &body).await.expect(400);
        assert_eq!(refused.member("message"), "Old password is incorrect.");
        assert_eq!(fields(&refused), ["old_password"]);
    }
    ada.get("/api/v2/users/me").await.expect(200);
    owner
        .put(&path, &json!({ "password": NEW }))
        .await
        .expect(204);
    ada.get("/api/v2/users/me").await.expect(401);
    assert_eq!(login(&server, NEW).await, 201);
}

#[tokio::test]
async fn a_password_that_is_weak_or_the_same_is_refused_and_ends_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    for password in ["", "short", PASSWORD] {
        let body = json!({ "old_password": PASSWORD, "password": password });
        let refused = ada
            .put(&format!("{USERS}/me/password"), &body)
            .await
            .expect(400);
        assert_eq!(fields(&refused), ["password"], "{password}");
    }
    ada.get("/api/v2/users/me").await.expect(200);
}

#[tokio::test]
async fn a_user_of_another_login_type_has_no_password_to_change() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut robot = body(&owner, "robot").await;
    robot["login_type"] = json!("none");
    robot.as_object_mut().unwrap().remove("password");
    owner.post(USERS, &robot).await.expect(201);
    let path = format!("{USERS}/robot/password");
    owner
        .put(&path, &json!({ "password": NEW }))
        .await
        .expect(400);
}

#[tokio::test]
async fn a_password_is_changed_by_its_user_and_owners_only() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let path = format!("{USERS}/ada/password");
    let body = json!({ "password": NEW, "old_password": PASSWORD });
    person(&owner, "admin", &["user-admin"])
        .await
        .put(&path, &body)
        .await
        .expect(403);
    assert_not_found(person(&owner, "member", &[]).await.put(&path, &body).await);
    assert_eq!(login(&server, PASSWORD).await, 201);
}

#[tokio::test]
async fn many_keys_end_with_the_password() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    for n in 0..450 {
        let token = json!({ "token_name": format!("token-{n}") });
        ada.post(TOKENS, &token).await.expect(201);
    }
    let path = format!("{USERS}/ada/password");
    owner
        .put(&path, &json!({ "password": NEW }))
        .await
        .expect(204);
    let ada = server.sign_in("ada@example.com", NEW).await;
    assert_eq!(ada.get(TOKENS).await.expect(200).json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_outlives_the_password_that_its_session_was_made_with() {
    let server = Server::start().await;
    let owner = server.owner().await;
    person(&owner, "ada", &[]).await;
    let path = format!("{USERS}/ada/password");
    let mut password = PASSWORD.to_owned();
    for round in 0..20 {
        let ada = server.sign_in("ada@example.com", &password).await;
        let next = format!("{NEW}-{round}");
        let new = json!({ "password": next });
        let make = async || {
            let made = ada.post(TOKENS, &json!({})).await;
            assert!([201, 401].contains(&made.status.as_u16()), "{made:?}");
            made
        };
        let (changed, one, two, three) =
            futures::join!(owner.put(&path, &new), make(), make(), make());
        changed.expect(204);
        for made in [one, two, three] {
            if made.status.as_u16() == 201 {
                let key = made.member("key");
                let request = server.request(reqwest::Method::GET, "/api/v2/users/me");
                let used = Answer::to(request.header("Coder-Session-Token", key)).await;
                assert_eq!(used.status.as_u16(), 401, "round {round}");
            }
        }
        password = next;
    }
}
