use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, OWNER_EMAIL, PASSWORD, Server};

#[tokio::test]
async fn answers_are_not_kept_by_caches() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let login = server
        .request(Method::POST, "/api/v2/users/login")
        .json(&json!({ "email": OWNER_EMAIL, "password": PASSWORD }));
    let app = owner.create_app("app", "https://app.example.com/cb").await;
    let secrets = format!("/api/v2/oauth2-provider/apps/{}/secrets", app.member("id"));
    for answer in [
        Answer::to(login).await,
        owner
            .post(
                "/api/v2/users/me/keys/tokens",
                &json!({ "token_name": "x" }),
            )
            .await,
        owner.post(&secrets, &json!({})).await,
        owner.get("/api/v2/users/me").await,
        server.get("/api/v2/users/me").await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:#?}");
        assert_eq!(answer.header("strict-transport-security"), "");
    }
    let icon = server.get("/static/icon.svg").await.expect(200);
    assert!(icon.header("cache-control").starts_with("public"));
}

#[tokio::test]
async fn where_clients_come_by_https_browsers_are_told_to_go_on_so() {
    let server = Server::start_with(&[("CHANCERY_ACCESS_URL", "https://id.example.com")]).await;
    let answer = server.get("/healthz").await.expect(200);
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn the_sign_in_page_says_nothing_that_a_link_makes_up() {
    let server = Server::start().await;
    server.owner().await;
    let page = server.get("/login?message=Call+0800+123").await.expect(200);
    assert!(!page.text.contains("0800"), "{}", page.text);
    let page = server.get("/login?message=first-user-made").await;
    assert!(page.expect(200).text.contains("The first user is made."));
}
