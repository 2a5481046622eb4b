use reqwest::Method;

use crate::support::{Answer, Server};

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
