use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Server};
use crate::with_issuer_replaced;

#[tokio::test]
async fn the_authorization_server_describes_itself() {
    let server = Server::start().await;
    let answer = server
        .get("/.well-known/oauth-authorization-server")
        .await
        .expect(200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    let document = answer.json();
    assert_eq!(document["issuer"], server.url());
    insta::assert_json_snapshot!(
        "authorization_server",
        with_issuer_replaced(&server, &document)
    );
}

#[tokio::test]
async fn the_protected_resource_names_the_server_itself_as_its_only_authorization_server() {
    let server = Server::start().await;
    let answer = server
        .get("/.well-known/oauth-protected-resource")
        .await
        .expect(200);
    let document = answer.json();
    assert_eq!(document["resource"], server.url());
    assert_eq!(document["authorization_servers"], json!([server.url()]));
    insta::assert_json_snapshot!(
        "protected_resource",
        with_issuer_replaced(&server, &document)
    );
}

#[tokio::test]
async fn every_document_names_the_access_url_as_it_was_configured() {
    let server = Server::start_with(&[("CHANCERY_ACCESS_URL", "https://id.example.com")]).await;
    let document = server
        .get("/.well-known/oauth-authorization-server")
        .await
        .expect(200)
        .json();
    assert_eq!(document["issuer"], "https://id.example.com");
    assert_eq!(
        document["token_endpoint"],
        "https://id.example.com/oauth2/tokens"
    );
    let document = server
        .get("/.well-known/oauth-protected-resource")
        .await
        .expect(200)
        .json();
    assert_eq!(document["resource"], "https://id.example.com");
}

#[tokio::test]
async fn other_well_known_documents_do_not_exist_and_say_so_in_json() {
    let server = Server::start().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/nothing"] {
        let answer = server.get(path).await.expect(404);
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json"),
            "{answer:#?}"
        );
        answer.member("message");
    }
}

#[tokio::test]
async fn every_place_where_clients_look_answers_in_json_that_other_origins_may_read() {
    let server =
        Server::start_with(&[("CHANCERY_ACCESS_URL", "https://id.example.com/auth")]).await;
    for (path, status) in [
        ("/.well-known/oauth-authorization-server", 200),
        ("/.well-known/oauth-authorization-server/auth", 200),
        ("/.well-known/oauth-authorization-server/auth/", 200),
        ("/.well-known/oauth-authorization-server/mcp", 404),
        ("/.well-known/oauth-protected-resource", 200),
        ("/.well-known/oauth-protected-resource/auth", 200),
        ("/.well-known/oauth-protected-resource/mcp", 404),
        ("/.well-known/openid-configuration", 404),
        ("/.well-known/openid-configuration/auth", 404),
    ] {
        let probe = server
            .request(Method::GET, path)
            .header("Origin", "https://inspector.example.com")
            .header("MCP-Protocol-Version", "2025-11-25");
        let answer = Answer::to(probe).await.expect(status);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let document = answer.json();
        if status == 200 && path.contains("authorization-server") {
            assert_eq!(document["issuer"], "https://id.example.com/auth", "{path}");
        }
    }
}

#[tokio::test]
async fn an_issuer_that_clients_would_refuse_is_warned_of_at_the_start() {
    for (url, warned) in [
        ("http://id.example.com", true),
        ("https://id.example.com", false),
        ("http://localhost:3000", false),
    ] {
        let server = Server::start_with(&[("CHANCERY_ACCESS_URL", url)]).await;
        let logs = server.logs();
        assert_eq!(logs.contains("by plain http"), warned, "{url}: {logs}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_discover_and_use_the_token_endpoint() {
    let server = Server::start().await;
    let paths = [
        ("/.well-known/oauth-authorization-server", "GET"),
        ("/.well-known/oauth-protected-resource", "GET"),
        ("/oauth2/tokens", "POST"),
        ("/oauth2/revoke", "POST"),
    ];
    for (path, method) in paths {
        let preflight = server
            .request(Method::OPTIONS, path)
            .header("Origin", "https://inspector.example.com")
            .header("Access-Control-Request-Method", method)
            .header(
                "Access-Control-Request-Headers",
                "mcp-protocol-version,authorization",
            );
        let answer = Answer::to(preflight).await;
        assert!(answer.status.is_success(), "{path}: {answer:#?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(
            answer
                .header("access-control-allow-headers")
                .to_lowercase()
                .contains("mcp-protocol-version"),
            "{path}: {answer:#?}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "{path}"
        );
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_not_read_the_management_api_or_consent() {
    let server = Server::start().await;
    for path in ["/api/v2/users/me", "/oauth2/authorize"] {
        let preflight = server
            .request(Method::OPTIONS, path)
            .header("Origin", "https://evil.example.com")
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "coder-session-token");
        let answer = Answer::to(preflight).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "",
            "{path}: {answer:#?}"
        );
    }
}
