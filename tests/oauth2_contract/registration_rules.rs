use reqwest::Method;
use serde_json::json;

use crate::registration::{LOOPBACK, agent, open, register, registered};
use crate::support::{Answer, Pkce, Server};

#[tokio::test]
async fn a_client_that_registered_itself_always_proves_its_code() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let client = registered(
        &server,
        json!({ "redirect_uris": ["https://app.example.com/cb"] }),
    )
    .await;
    let refused = owner
        .authorize(&client.app.authorization())
        .await
        .expect(400);
    assert!(refused.text.contains("code_challenge"), "{refused:#?}");
}

#[tokio::test]
async fn redirect_uris_are_those_that_were_registered() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let app = agent(&server).await.app;
    let asked = |uri: &str| {
        let query = Pkce::rfc7636().asked(app.authorization());
        query.and("redirect_uri", uri)
    };
    owner
        .consent_page(&asked("http://localhost:1/callback"))
        .await
        .expect(200);
    for uri in [
        "http://127.0.0.1:1/callback",
        "http://localhost:1/other",
        "https://localhost/callback",
        "https://evil.example/callback",
    ] {
        let refused = owner.consent_page(&asked(uri)).await.expect(400);
        assert_eq!(refused.header("location"), "", "{uri}");
    }
}

#[tokio::test]
async fn metadata_that_breaks_a_rule_is_refused_by_name() {
    let server = Server::start().await;
    open(&server).await;
    let callback = json!(["https://example.com/callback"]);
    for (case, metadata, code) in [
        ("NoRedirectURIs", json!({}), "invalid_client_metadata"),
        (
            "InvalidURL",
            json!({ "redirect_uris": ["not-a-url"] }),
            "invalid_client_metadata",
        ),
        (
            "EmptyFragment",
            json!({ "redirect_uris": ["https://example.com/callback#"] }),
            "invalid_client_metadata",
        ),
        (
            "Fragment",
            json!({ "redirect_uris": ["https://example.com/callback#part"] }),
            "invalid_client_metadata",
        ),
        (
            "PlainHttp",
            json!({ "redirect_uris": ["http://example.com/callback"] }),
            "invalid_client_metadata",
        ),
        (
            "Script",
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            "invalid_client_metadata",
        ),
        (
            "InvalidGrantTypes",
            json!({ "redirect_uris": callback, "grant_types": ["unsupported_grant"] }),
            "invalid_client_metadata",
        ),
        (
            "InvalidResponseTypes",
            json!({ "redirect_uris": callback, "response_types": ["token"] }),
            "invalid_client_metadata",
        ),
        (
            "InvalidAuthMethod",
            json!({ "redirect_uris": callback, "token_endpoint_auth_method": "private_key_jwt" }),
            "invalid_client_metadata",
        ),
        (
            "InvalidLogo",
            json!({ "redirect_uris": callback, "logo_uri": "javascript:alert(1)" }),
            "invalid_client_metadata",
        ),
        (
            "HiddenName",
            json!({ "redirect_uris": callback, "client_name": "Cl\u{200b}aude" }),
            "invalid_client_metadata",
        ),
        (
            "WrongShape",
            json!({ "redirect_uris": "https://example.com/callback" }),
            "invalid_client_metadata",
        ),
        (
            "NoObject",
            json!(["redirect_uris"]),
            "invalid_client_metadata",
        ),
        (
            "SoftwareStatement",
            json!({ "redirect_uris": callback, "software_statement": "e.e.s" }),
            "unapproved_software_statement",
        ),
    ] {
        let refused = register(&server, &metadata).await;
        assert_eq!(
            (refused.status.as_u16(), refused.member("error").as_str()),
            (400, code),
            "{case}"
        );
        assert!(!refused.member("error_description").is_empty(), "{case}");
    }
    let request = server.request(Method::POST, "/oauth2/register");
    let refused = Answer::to(request.body("{")).await;
    refused.expect_oauth2_error(400, "invalid_request", "Request body must be valid JSON.");
}

#[tokio::test]
async fn what_clients_in_the_field_send_is_echoed() {
    let server = Server::start().await;
    open(&server).await;
    let uris = json!([
        "https://example.com/callback",
        "http://localhost:8080/callback",
        "custom-scheme://app/callback"
    ]);
    let valid = registered(
        &server,
        json!({ "redirect_uris": uris, "client_name": "valid uris" }),
    )
    .await;
    assert_eq!(valid.answer["redirect_uris"], uris);
    let editor = registered(
        &server,
        json!({
            "client_name": "Visual Studio Code",
            "redirect_uris": ["https://vscode.dev/redirect", "http://127.0.0.1:33418/"],
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "scope": null,
            "client_uri": "",
        }),
    )
    .await;
    assert_eq!(editor.answer["token_endpoint_auth_method"], "none");
    assert_eq!(
        editor.answer["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(editor.answer.get("client_secret"), None);
    assert_eq!(editor.answer.get("client_uri"), None);
}

#[tokio::test]
async fn pages_of_other_origins_may_register() {
    let server = Server::start().await;
    let preflight = server
        .request(Method::OPTIONS, "/oauth2/register")
        .header("Origin", "https://inspector.example.com")
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "content-type,mcp-protocol-version",
        );
    let answer = Answer::to(preflight).await;
    assert!(answer.status.is_success(), "{answer:#?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a_flood_of_registrations_is_held_up() {
    let server = Server::start_with(&[("CHANCERY_RATE_LIMIT_REGISTER", "1/h:2")]).await;
    open(&server).await;
    let metadata = json!({ "redirect_uris": [LOOPBACK] });
    for _ in 0..2 {
        register(&server, &metadata).await.expect(201);
    }
    let refused = register(&server, &metadata).await.expect(429);
    assert_eq!(refused.member("error"), "temporarily_unavailable");
}
