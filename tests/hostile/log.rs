//! The log has one line for each request, which says who and what, and nothing that may be a secret.

use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, OWNER_EMAIL, Server};

/// The lines of requests, once there is one for this route and status.
async fn lines(server: &Server, route: &str, status: u16) -> Vec<Value> {
    loop {
        let logs = server.logs();
        let lines = logs
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let lines: Vec<Value> = lines
            .filter(|line: &Value| line["message"] == "answered")
            .collect();
        if lines
            .iter()
            .any(|line| line["route"] == route && line["status"] == status)
        {
            return lines;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_request_is_logged_with_who_and_how_long_and_without_a_secret() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let me = owner.get("/api/v2/users/me").await.expect(200);
    let path = format!("/api/v2/users/me?access_token={}", owner.token);
    server.get(&path).await.expect(200);
    let wrong = serde_json::json!({ "email": OWNER_EMAIL, "password": "mistyped-secret" });
    let request = server.request(Method::POST, "/api/v2/users/login");
    Answer::to(request.json(&wrong)).await.expect(401);

    let lines = lines(&server, "/api/v2/users/login", 401).await;
    let of = |route: &str, status: u16| {
        let found = lines
            .iter()
            .find(|line| line["route"] == route && line["status"] == status);
        found
            .unwrap_or_else(|| panic!("{route} {status}: {lines:#?}"))
            .clone()
    };
    let line = of("/api/v2/users/{user}", 200);
    assert_eq!(line["user"], me.json()["id"]);
    assert_eq!(
        (&line["method"], &line["level"]),
        (&"GET".into(), &"INFO".into())
    );
    assert_eq!(line["client"], "127.0.0.1");
    assert!(line["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{line}");
    assert_eq!(line["id"].as_str().map(str::len), Some(36));
    assert!(of("/api/v2/users/login", 401).get("user").is_none());
    let probes = lines.iter().filter(|line| line["route"] == "/readyz");
    assert_eq!(probes.count(), 0, "probes are told of at debug only");
    let logs = server.logs();
    assert!(!logs.contains(&owner.token) && !logs.contains("mistyped-secret"));
}
