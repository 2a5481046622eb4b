use reqwest::Method;
use serde_json::{Value, json};

use crate::CALLBACK;
use crate::registration::{Registered, agent, open, registered};
use crate::support::{Answer, Server};

/// Sends a request about a client, with this `Authorization` header if any.
async fn managed(
    server: &Server,
    method: Method,
    id: &str,
    authorization: Option<&str>,
    body: Option<&Value>,
) -> Answer {
    let mut request = server.request(method, &format!("/oauth2/clients/{id}"));
    if let Some(value) = authorization {
        request = request.header("Authorization", value);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    Answer::to(request).await
}

fn bearer(client: &Registered) -> String {
    format!(
        "Bearer {}",
        client.answer["registration_access_token"].as_str().unwrap()
    )
}

#[tokio::test]
async fn a_client_reads_its_registration_without_its_secrets() {
    let server = Server::start().await;
    open(&server).await;
    let client = registered(&server, json!({ "redirect_uris": [CALLBACK] })).await;
    let token = bearer(&client);
    let shown = managed(&server, Method::GET, &client.app.id, Some(&token), None).await;
    let mut expected = client.answer.clone();
    for shown_once in [
        "client_secret",
        "client_secret_expires_at",
        "registration_access_token",
    ] {
        expected.as_object_mut().unwrap().remove(shown_once);
    }
    assert_eq!(shown.expect(200).json(), expected);
}

#[tokio::test]
async fn a_client_changes_its_registration() {
    let server = Server::start().await;
    open(&server).await;
    let client = agent(&server).await;
    let (id, token) = (&client.app.id, bearer(&client));
    let change = json!({
        "client_id": id,
        "client_name": "Agent (desktop)",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
    });
    let changed = managed(&server, Method::PUT, id, Some(&token), Some(&change)).await;
    let changed = changed.expect(200).json();
    assert_eq!(changed["client_name"], "Agent (desktop)");
    assert_eq!(
        changed["redirect_uris"],
        json!(["http://127.0.0.1/callback"])
    );
    let shown = managed(&server, Method::GET, id, Some(&token), None).await;
    assert_eq!(shown.expect(200).json(), changed);
    for (case, change) in [
        (
            "InvalidRedirectURI",
            json!({ "redirect_uris": ["http://evil.example/cb"], "token_endpoint_auth_method": "none" }),
        ),
        (
            "BecomesConfidential",
            json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_post" }),
        ),
        (
            "OtherClient",
            json!({ "client_id": "x", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" }),
        ),
    ] {
        let refused = managed(&server, Method::PUT, id, Some(&token), Some(&change)).await;
        assert_eq!(
            refused.expect(400).member("error"),
            "invalid_client_metadata",
            "{case}"
        );
    }
}

#[tokio::test]
async fn a_client_that_deletes_itself_is_gone() {
    let server = Server::start().await;
    open(&server).await;
    let client = agent(&server).await;
    let (id, token) = (&client.app.id, bearer(&client));
    managed(&server, Method::DELETE, id, Some(&token), None)
        .await
        .expect(204);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let refused = managed(&server, method, id, Some(&token), Some(&json!({}))).await;
        refused.expect_oauth2_error(401, "invalid_token", "Client not found");
    }
}

#[tokio::test]
async fn whoever_shows_no_token_of_the_client_is_refused() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let (client, other) = (agent(&server).await, agent(&server).await);
    let by_hand = owner.app("app", CALLBACK).await;
    let (token, of_other) = (bearer(&client), bearer(&other));
    let unknown = "5eed0000-0000-4000-8000-000000000004";
    for (id, authorization, status, code, description) in [
        (
            client.app.id.as_str(),
            None,
            401,
            "invalid_token",
            "Missing Authorization header",
        ),
        (
            &client.app.id,
            Some("Basic eDp5"),
            401,
            "invalid_token",
            "Authorization header must use Bearer scheme",
        ),
        (
            &client.app.id,
            Some("Bearer "),
            401,
            "invalid_token",
            "Missing registration access token",
        ),
        (
            &client.app.id,
            Some("Bearer wrong"),
            401,
            "invalid_token",
            "Invalid registration access token",
        ),
        (
            &client.app.id,
            Some(&*of_other),
            401,
            "invalid_token",
            "Invalid registration access token",
        ),
        (
            unknown,
            Some(&*token),
            401,
            "invalid_token",
            "Client not found",
        ),
        (
            &by_hand.id,
            Some(&*token),
            403,
            "invalid_token",
            "Client was not dynamically registered",
        ),
        (
            "no-uuid",
            Some(&*token),
            400,
            "invalid_client_id",
            "Invalid client_id",
        ),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let refused = managed(&server, method, id, authorization, Some(&json!({}))).await;
            if status == 401 {
                assert!(
                    refused.header("www-authenticate").starts_with("Bearer "),
                    "{refused:#?}"
                );
            }
            refused.expect_oauth2_error(status, code, description);
        }
    }
    managed(&server, Method::GET, &client.app.id, Some(&token), None)
        .await
        .expect(200);
}
