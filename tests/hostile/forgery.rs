use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, OWNER_EMAIL, OWNER_NAME, PASSWORD, Server, Session};

const HOST: &str = "id.example.test";

/// POSTs JSON text as a page of another site can.
async fn post(server: &Server, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let request = server.request(Method::POST, path).body(body.to_string());
    Answer::with(request, headers).await
}

#[tokio::test]
async fn other_sites_can_neither_sign_a_browser_in_nor_claim_the_deployment() {
    let server = Server::start().await;
    let first = json!({ "email": OWNER_EMAIL, "username": OWNER_NAME, "password": PASSWORD });
    let login = json!({ "email": OWNER_EMAIL, "password": PASSWORD });
    let forged: [&[(&str, &str)]; 4] = [
        &[("Origin", "https://evil.example")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Content-Type", "text/plain")],
        &[("Content-Type", "application/x-www-form-urlencoded")],
    ];
    for headers in forged {
        let answer = post(&server, "/api/v2/users/first", &first, headers).await;
        answer.expect(403);
    }
    server.owner().await;
    for headers in forged {
        let answer = post(&server, "/api/v2/users/login", &login, headers).await;
        assert_eq!(answer.expect(403).header("set-cookie"), "");
    }
    for headers in [
        &[][..],
        &[("Content-Type", "application/json")],
        &[("Origin", &server.url())],
    ] {
        let answer = post(&server, "/api/v2/users/login", &login, headers).await;
        answer.expect(201);
    }
}

async fn rename(owner: &Session<'_>, origin: &str) -> u16 {
    let request = owner
        .server
        .request(Method::PUT, "/api/v2/users/me/profile")
        .header(
            "Cookie",
            format!("coder_session_token={}; csrf_token=abc", owner.token),
        )
        .header("X-CSRF-TOKEN", "abc")
        .header("Host", HOST)
        .header("Origin", origin)
        .json(&json!({ "username": OWNER_NAME, "name": "" }));
    Answer::to(request).await.status.as_u16()
}

#[tokio::test]
async fn a_page_that_came_by_http_cannot_act_where_clients_come_by_https() {
    let url = format!("https://{HOST}");
    let server = Server::start_with(&[("CHANCERY_ACCESS_URL", &url)]).await;
    let owner = server.owner().await;
    assert_eq!(rename(&owner, &format!("http://{HOST}")).await, 403);
    assert_eq!(rename(&owner, &url).await, 200);
}
