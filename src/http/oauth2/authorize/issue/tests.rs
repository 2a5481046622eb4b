use axum::http::StatusCode;
use serde_json::json;

use super::*;
use crate::http::in_process::{InProcess, parts};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_after_it_was_looked_at_gives_no_code() {
    let server = InProcess::start().await;
    let state = server.state();
    let (token, session) = server.session().await;
    let app = json!({ "name": "app", "callback_url": "https://app.example.com/callback" });
    let app = server.post("/oauth2-provider/apps", &token, &app).await;
    let id = app["id"].as_str().unwrap().parse().unwrap();
    let client = client::find(state, id).await.unwrap();
    let query = Parameters::parse(b"response_type=code&state=s").unwrap();
    let request = AuthorizationRequest::parse(&query, client::registered(&client)).unwrap();
    issue(state, &parts(), &client, &session, &request)
        .await
        .unwrap();
    server.post("/users/logout", &token, &json!({})).await;
    let refused = issue(state, &parts(), &client, &session, &request).await;
    let Err(Refusal::Session(error)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(error.status, StatusCode::UNAUTHORIZED);
    server.app.stop().await.unwrap();
}
