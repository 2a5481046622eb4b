use reqwest::Method;

use crate::support::{Answer, OWNER_EMAIL, Server};

#[tokio::test]
async fn metrics_are_not_served_to_everybody() {
    let server = Server::start().await;
    server.get("/metrics").await.expect(404);
    assert!(server.metrics().await.contains("chancery_ledger_head"));
}

#[tokio::test]
async fn methods_that_clients_make_up_take_no_memory() {
    let server = Server::start().await;
    for letter in 'A'..='E' {
        let method = Method::from_bytes(letter.to_string().repeat(1000).as_bytes()).unwrap();
        Answer::to(server.request(method, "/api/v2/users"))
            .await
            .expect(405);
    }
    let metrics = server.metrics().await;
    assert!(!metrics.contains("AAAA"));
    let counted = "method=\"other\",route=\"/api/v2/users\",status=\"405\"} 5";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn sign_ins_grants_and_refusals_are_counted_by_what_came_of_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let wrong = serde_json::json!({ "email": OWNER_EMAIL, "password": "mistyped" });
    let request = server.request(Method::POST, "/api/v2/users/login");
    Answer::to(request.json(&wrong)).await.expect(401);
    let app = owner.app("counted", "http://localhost:1234/callback").await;
    let code = owner.code(&app.authorization()).await;
    server.token(&app.exchange(&code)).await.expect(200);
    server.token(&app.exchange(&code)).await.expect(400);
    let metrics = server.metrics().await;
    for line in [
        "chancery_sign_ins_total{outcome=\"signed_in\"} 1",
        "chancery_sign_ins_total{outcome=\"wrong_password\"} 1",
        "chancery_sign_ins_total{outcome=\"suspended\"} 0",
        "chancery_events_total{event=\"oauth2_grant/code_issued\"} 1",
        "chancery_events_total{event=\"oauth2_grant/code_exchanged\"} 1",
        "chancery_oauth2_refusals_total{request=\"exchange\",reason=\"code_reused\"} 1",
        "chancery_oauth2_grants_ended_total{reason=\"code_reused\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let appends = metrics
        .lines()
        .find_map(|line| line.strip_prefix("chancery_ledger_batch_appends_count "));
    assert!(appends.is_some_and(|count| count.parse::<u64>().unwrap() > 5));
    assert!(metrics.contains("chancery_database_connections_max{pool=\"queries\"} 16"));
}
