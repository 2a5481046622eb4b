use serde_json::json;

use crate::support::{Answer, PASSWORD, Server, Session};
use crate::{USERS, assert_not_found, create, person};

const ME: &str = "/api/v2/users/me";

async fn suspend(by: &Session<'_>, user: &str) -> Answer {
    by.put(&format!("{USERS}/{user}/status/suspend"), &json!({}))
        .await
}

async fn activate(by: &Session<'_>, user: &str) -> Answer {
    by.put(&format!("{USERS}/{user}/status/activate"), &json!({}))
        .await
}

#[tokio::test]
async fn a_suspended_users_sessions_tokens_and_oauth2_tokens_stop_at_once() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", "https://app.example.com/callback").await;
    let ada = person(&owner, "ada", &[]).await;
    let token = ada
        .post("/api/v2/users/me/keys/tokens", &json!({}))
        .await
        .expect(201);
    let token = Session::of(&server, token.member("key")).await;
    let oauth2 = app.tokens(&ada).await;
    let code = ada.code(&app.authorization()).await;

    let suspended = suspend(&owner, "ada").await.expect(200);
    assert_eq!(suspended.member("status"), "suspended");
    for session in [&ada, &token] {
        let refused = session.get(ME).await.expect(401);
        let expected = "User is not active (status = \"suspended\"). Contact an admin to reactivate your account.";
        assert_eq!(refused.member("message"), expected);
    }
    assert_eq!(oauth2.status(&server).await, 401);
    for form in [app.exchange(&code), app.refresh(&oauth2.refresh_token)] {
        server
            .token(&form)
            .await
            .expect_oauth2_error(400, "invalid_grant", "");
    }
    let login = json!({ "email": "ada@example.com", "password": PASSWORD });
    let login = server
        .request(reqwest::Method::POST, "/api/v2/users/login")
        .json(&login);
    let refused = Answer::to(login).await.expect(401);
    let expected = "Your account is suspended. Contact an admin to reactivate your account.";
    assert_eq!(refused.member("message"), expected);

    assert_eq!(
        activate(&owner, "ada").await.expect(200).member("status"),
        "active"
    );
    // What was handed out before stays ended.
    for session in [&ada, &token] {
        session.get(ME).await.expect(401);
    }
    assert_eq!(oauth2.status(&server).await, 401);
    let ada = server.sign_in("ada@example.com", PASSWORD).await;
    ada.get(ME).await.expect(200);
    let tokens = ada.get("/api/v2/users/me/keys/tokens").await;
    assert_eq!(tokens.expect(200).json(), json!([]));
}

#[tokio::test]
async fn suspending_and_activating_again_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let first = suspend(&owner, "ada").await.expect(200).json();
    assert_eq!(suspend(&owner, "ada").await.expect(200).json(), first);
    let first = activate(&owner, "ada").await.expect(200).json();
    assert_eq!(activate(&owner, "ada").await.expect(200).json(), first);
}

#[tokio::test]
async fn neither_oneself_nor_an_owner_is_suspended() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let refused = suspend(&owner, "me").await.expect(400);
    assert_eq!(refused.member("message"), "You cannot suspend yourself.");
    let admin = person(&owner, "admin", &["user-admin"]).await;
    let refused = suspend(&admin, "owner").await.expect(400);
    assert!(
        refused
            .member("message")
            .starts_with("You cannot suspend a user with the \"owner\" role.")
    );
    owner.get(ME).await.expect(200);
}

#[tokio::test]
async fn only_owners_and_user_admins_change_a_status() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let member = person(&owner, "member", &[]).await;
    let templates = person(&owner, "templates", &["template-admin"]).await;
    assert_not_found(suspend(&member, "ada").await);
    assert_not_found(activate(&member, "ada").await);
    suspend(&member, "me").await.expect(403);
    suspend(&templates, "ada").await.expect(403);
    activate(&templates, "ada").await.expect(403);
    let admin = person(&owner, "admin", &["user-admin"]).await;
    suspend(&admin, "ada").await.expect(200);
    activate(&admin, "ada").await.expect(200);
}
