use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, OWNER_EMAIL, PASSWORD, Server};

/// Signs in through a proxy, as a client at `address`.
async fn sign_in(server: &Server, address: &str, email: &str, password: &str) -> u16 {
    let request = server
        .request(Method::POST, "/api/v2/users/login")
        .header("X-Forwarded-For", address)
        .json(&json!({ "email": email, "password": password }));
    Answer::to(request).await.status.as_u16()
}

#[tokio::test]
async fn a_stranger_who_guesses_does_not_lock_the_owner_out() {
    let settings = [
        ("CHANCERY_TRUSTED_PROXIES", "127.0.0.1"),
        ("CHANCERY_RATE_LIMIT_LOGIN_ACCOUNT", "1/h:2"),
    ];
    let server = Server::start_with(&settings).await;
    server.owner().await;
    let (stranger, owner) = ("192.0.2.1", "198.51.100.1");
    for status in [401, 401, 429, 429] {
        assert_eq!(
            sign_in(&server, stranger, OWNER_EMAIL, "wrong-guess").await,
            status
        );
    }
    assert_eq!(sign_in(&server, owner, OWNER_EMAIL, PASSWORD).await, 201);
}

#[tokio::test]
async fn without_the_password_accounts_of_every_kind_look_like_none() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let organization = owner.get("/api/v2/organizations/default").await;
    let robot = json!({
        "username": "robot", "email": "robot@example.com", "login_type": "none",
        "organization_ids": [organization.member("id")],
    });
    owner.post("/api/v2/users", &robot).await.expect(201);
    let mut answers = Vec::new();
    for email in ["robot@example.com", "nobody@example.com", OWNER_EMAIL] {
        let request = server
            .request(Method::POST, "/api/v2/users/login")
            .json(&json!({ "email": email, "password": "wrong-guess" }));
        let answer = Answer::to(request).await.expect(401);
        answers.push(answer.text);
    }
    assert!(
        answers.iter().all(|text| *text == answers[0]),
        "{answers:?}"
    );
}
