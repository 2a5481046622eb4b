use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, OWNER_EMAIL, OWNER_NAME, PASSWORD, Server};

async fn claim(server: &Server, headers: &[(&str, &str)], code: &str) -> u16 {
    let request = server
        .request(Method::POST, "/api/v2/users/first")
        .json(&json!({
            "email": OWNER_EMAIL, "username": OWNER_NAME, "password": PASSWORD, "setup_code": code,
        }));
    Answer::with(request, headers).await.status.as_u16()
}

/// The code that the server printed.
fn printed(server: &Server) -> String {
    let logs = server.logs();
    let (_, rest) = logs
        .split_once("needs \"setup_code\" as well: ")
        .expect("a code");
    rest.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn from_elsewhere_the_first_user_is_made_with_the_printed_code_only() {
    let server = Server::start().await;
    let through_proxy = [("X-Forwarded-For", "192.0.2.1")];
    let rebound = [("Host", "rebound.example.com")];
    for code in ["", "guess"] {
        assert_eq!(claim(&server, &through_proxy, code).await, 403);
        assert_eq!(claim(&server, &rebound, code).await, 403);
    }
    let page = server.request(Method::GET, "/setup");
    let page = page.header("X-Forwarded-For", "192.0.2.1");
    assert!(Answer::to(page).await.text.contains("name=\"setup_code\""));
    assert!(!server.get("/setup").await.text.contains("setup_code"));
    // Printed after the server is ready.
    while !server.logs().contains("as well: ") {
        tokio::task::yield_now().await;
    }
    let code = printed(&server);
    assert_eq!(claim(&server, &through_proxy, &code).await, 201);
}

#[tokio::test]
async fn settings_make_the_first_user_once() {
    let settings = [
        ("CHANCERY_FIRST_USER_EMAIL", OWNER_EMAIL),
        ("CHANCERY_FIRST_USER_USERNAME", OWNER_NAME),
        ("CHANCERY_FIRST_USER_PASSWORD", PASSWORD),
    ];
    let mut server = Server::start_with(&settings).await;
    let owner = server.sign_in(OWNER_EMAIL, PASSWORD).await;
    let roles = owner.get("/api/v2/users/me").await.json()["roles"].clone();
    assert_eq!(roles[0]["name"], "owner");
    assert_eq!(claim(&server, &[], "").await, 409);
    server.stop().await;
    server.run().await;
    server.sign_in(OWNER_EMAIL, PASSWORD).await;
}
