use crate::support::{App, Params, Pkce, RESOURCE, Server, Session};
use crate::{CALLBACK, NOTHING, recorded_by};

const UNKNOWN: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

/// Changes one valid authorization request into a bad one.
type Spoil = fn(Params) -> Params;

/// What is wrong, how the request comes to be wrong, and what the error says.
type Case = (&'static str, Spoil, &'static str);

fn valid(app: &App) -> Params {
    Pkce::rfc7636()
        .asked(app.authorization())
        .and("redirect_uri", CALLBACK)
        .and("resource", RESOURCE)
}

/// Neither the POST nor the page redirects anybody or records anything.
async fn refused(owner: &Session<'_>, app: &App, status: u16, code: &str, cases: &[Case]) {
    let server = owner.server;
    owner.authorize(&valid(app)).await.expect(302);
    for (case, spoil, description) in cases {
        let query = spoil(valid(app));
        let (answer, recorded) = recorded_by(server, owner.authorize(&query)).await;
        assert_eq!(answer.status, status, "{case}: {answer:#?}");
        assert_eq!(
            (answer.header("location"), recorded),
            ("", Vec::new()),
            "{case}"
        );
        answer.expect_oauth2_error(status, code, description);

        let (page, recorded) = recorded_by(server, owner.consent_page(&query)).await;
        assert!(page.status.is_client_error(), "{case}: {page:#?}");
        assert_eq!(
            (page.header("location"), recorded),
            ("", Vec::new()),
            "{case}"
        );
    }
}

#[tokio::test]
async fn unknown_clients_cannot_ask() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cases: [Case; 2] = [
        (
            "no UUID",
            |q| q.with("client_id", "x"),
            "client credentials",
        ),
        (
            "unknown",
            |q| q.with("client_id", UNKNOWN),
            "client credentials",
        ),
    ];
    refused(&owner, &app, 401, "invalid_client", &cases).await;
    let cases: [Case; 2] = [
        (
            "none",
            |q| q.without("client_id"),
            "Missing client_id parameter",
        ),
        ("two", |q| q.and("client_id", UNKNOWN), "client_id"),
    ];
    refused(&owner, &app, 400, "invalid_request", &cases).await;
}

#[tokio::test]
async fn bad_redirect_uris_are_never_redirected_to() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cases: [Case; 7] = [
        (
            "foreign",
            |q| q.with("redirect_uri", "https://evil.example.com/"),
            "redirect_uri",
        ),
        (
            "relative",
            |q| q.with("redirect_uri", "/callback"),
            "redirect_uri",
        ),
        (
            "script",
            |q| q.with("redirect_uri", "javascript:alert(1)"),
            "redirect_uri",
        ),
        (
            "data",
            |q| q.with("redirect_uri", "data:text/html,x"),
            "redirect_uri",
        ),
        (
            "fragment",
            |q| q.with("redirect_uri", format!("{CALLBACK}#x")),
            "redirect_uri",
        ),
        (
            "line break",
            |q| q.with("redirect_uri", format!("{CALLBACK}\r\nX: y")),
            "redirect_uri",
        ),
        ("two", |q| q.and("redirect_uri", CALLBACK), "redirect_uri"),
    ];
    refused(&owner, &app, 400, "invalid_request", &cases).await;
}

#[tokio::test]
async fn missing_repeated_and_unknown_values_are_refused_by_name() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cases: [Case; 8] = [
        ("no state", |q| q.without("state"), "\"state\" is required"),
        (
            "empty state",
            |q| q.with("state", ""),
            "\"state\" is required",
        ),
        ("two states", |q| q.and("state", "other"), "state"),
        (
            "no response type",
            |q| q.without("response_type"),
            "\"response_type\" is required",
        ),
        (
            "unknown response type",
            |q| q.with("response_type", "id_token"),
            "response_type",
        ),
        (
            "two response types",
            |q| q.and("response_type", "code"),
            "response_type",
        ),
        (
            "two challenges",
            |q| q.and("code_challenge", "x".repeat(43)),
            "code_challenge",
        ),
        (
            "scope outside the alphabet",
            |q| q.with("scope", "a\"b"),
            "scope",
        ),
    ];
    refused(&owner, &app, 400, "invalid_request", &cases).await;
}

#[tokio::test]
async fn challenges_other_than_s256_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cases: [Case; 6] = [
        (
            "plain",
            |q| q.with("code_challenge_method", "plain"),
            "only S256 is supported",
        ),
        (
            "unknown",
            |q| q.with("code_challenge_method", "S512"),
            "only S256 is supported",
        ),
        (
            "lower case",
            |q| q.with("code_challenge_method", "s256"),
            "only S256 is supported",
        ),
        (
            "method without challenge",
            |q| q.without("code_challenge"),
            "code_challenge",
        ),
        (
            "too short",
            |q| q.with("code_challenge", "short"),
            "code_challenge",
        ),
        (
            "outside the alphabet",
            |q| q.with("code_challenge", "+".repeat(43)),
            "code_challenge",
        ),
    ];
    refused(&owner, &app, 400, "invalid_request", &cases).await;
}

#[tokio::test]
async fn resources_that_are_no_absolute_uri_without_fragment_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cases: [Case; 5] = [
        ("relative", |q| q.with("resource", "/mcp"), "resource"),
        (
            "no scheme",
            |q| q.with("resource", "tools.example.com/mcp"),
            "resource",
        ),
        (
            "fragment",
            |q| q.with("resource", "https://tools.example.com/#x"),
            "resource",
        ),
        (
            "empty fragment",
            |q| q.with("resource", "https://tools.example.com/#"),
            "resource",
        ),
        (
            "two",
            |q| q.and("resource", "https://other.example.com/"),
            "resource",
        ),
    ];
    refused(&owner, &app, 400, "invalid_request", &cases).await;
}

#[tokio::test]
async fn a_deleted_app_authorizes_nobody() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    owner
        .delete(&format!("/api/v2/oauth2-provider/apps/{}", app.id))
        .await
        .expect(204);
    let (answer, recorded) = recorded_by(&server, owner.authorize(&app.authorization())).await;
    answer.expect_oauth2_error(401, "invalid_client", "The client credentials are invalid");
    assert_eq!(recorded, NOTHING);
}
