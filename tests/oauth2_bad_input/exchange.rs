use crate::support::{App, Params, Pkce, RESOURCE, Recorder, Server, Session, Tokens};
use crate::{CALLBACK, NOTHING, recorded_by};

const INVALID_CODE: &str = "The authorization code is invalid or expired";
const INVALID_VERIFIER: &str = "The PKCE code verifier is invalid";
const REFUSED: [&str; 1] = ["1x oauth2_grant/exchange_refused"];

struct Authorized {
    app: App,
    code: String,
    /// The exchange that is right in everything.
    right: Params,
}

async fn authorized(owner: &Session<'_>) -> Authorized {
    let app = owner.app("app", CALLBACK).await;
    let pkce = Pkce::rfc7636();
    let query = pkce
        .asked(app.authorization())
        .and("resource", RESOURCE)
        .and("redirect_uri", CALLBACK);
    let code = owner.code(&query).await;
    let right = app
        .exchange(&code)
        .and("code_verifier", &pkce.verifier)
        .and("resource", RESOURCE)
        .and("redirect_uri", CALLBACK);
    Authorized { app, code, right }
}

#[tokio::test]
async fn a_wrong_part_of_the_exchange_is_refused_and_recorded_and_does_not_consume_the_code() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { code, right, .. } = authorized(&owner).await;
    let (prefix, _) = code.rsplit_once('_').unwrap();
    let cases = [
        (
            "wrong verifier",
            right.clone().with("code_verifier", "y".repeat(43)),
            "invalid_grant",
            INVALID_VERIFIER,
        ),
        (
            "verifier too short",
            right.clone().with("code_verifier", "short"),
            "invalid_grant",
            INVALID_VERIFIER,
        ),
        (
            "verifier too long",
            right.clone().with("code_verifier", "y".repeat(129)),
            "invalid_grant",
            INVALID_VERIFIER,
        ),
        (
            "missing verifier",
            right.clone().without("code_verifier"),
            "invalid_grant",
            INVALID_VERIFIER,
        ),
        (
            "another resource",
            right.clone().with("resource", "https://other.example.com/"),
            "invalid_target",
            "resource",
        ),
        (
            "missing resource",
            right.clone().without("resource"),
            "invalid_target",
            "resource",
        ),
        (
            "wrong secret part of the code",
            right
                .clone()
                .with("code", format!("{prefix}_{}", "z".repeat(40))),
            "invalid_grant",
            INVALID_CODE,
        ),
    ];
    for (case, form, code, description) in cases {
        let (answer, recorded) = recorded_by(&server, server.token(&form)).await;
        assert_eq!(answer.status, 400, "{case}: {answer:#?}");
        answer.expect_oauth2_error(400, code, description);
        assert_eq!(recorded, REFUSED, "{case}");
    }
    let (answer, recorded) = recorded_by(&server, server.token(&right)).await;
    answer.expect(200);
    assert_eq!(recorded, ["1x oauth2_grant/code_exchanged"]);
}

#[tokio::test]
async fn a_request_that_reaches_no_code_leaves_no_trace() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { right, .. } = authorized(&owner).await;
    let cases = [
        (
            "no code",
            right.clone().without("code"),
            "invalid_request",
            "code",
        ),
        (
            "no grant type",
            right.clone().without("grant_type"),
            "unsupported_grant_type",
            "grant type",
        ),
        (
            "unknown code",
            right.clone().with(
                "code",
                format!("coder_{}_{}", "0".repeat(10), "0".repeat(40)),
            ),
            "invalid_grant",
            INVALID_CODE,
        ),
        (
            "malformed code",
            right.clone().with("code", "code"),
            "invalid_grant",
            INVALID_CODE,
        ),
        (
            "relative resource",
            right.clone().with("resource", "/mcp"),
            "invalid_target",
            "resource",
        ),
        (
            "resource with a fragment",
            right
                .clone()
                .with("resource", "https://tools.example.com/mcp#x"),
            "invalid_target",
            "resource",
        ),
    ];
    for (case, form, code, description) in cases {
        let (answer, recorded) = recorded_by(&server, server.token(&form)).await;
        assert_eq!(answer.status, 400, "{case}: {answer:#?}");
        answer.expect_oauth2_error(400, code, description);
        assert!(
            recorded == NOTHING || (recorded == REFUSED && case.contains("resource")),
            "{case}: {recorded:?}"
        );
    }
    server.token(&right).await.expect(200);
}

#[tokio::test]
async fn a_reused_code_is_refused_and_ends_the_grant_on_the_record() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { app, right, .. } = authorized(&owner).await;
    let tokens = Tokens::of(&server, &right).await;
    let (answer, recorded) = recorded_by(&server, server.token(&right)).await;
    answer.expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
    assert_eq!(
        recorded,
        [
            "1x oauth2_grant/exchange_refused",
            "1x oauth2_grant/grant_revoked"
        ]
    );
    assert_eq!(tokens.status(&server).await, 401);
    // However often it is tried again, the stream stays bounded.
    let ((), recorded) = recorded_by(&server, async {
        for _ in 0..5 {
            server
                .token(&right)
                .await
                .expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
            server
                .token(&app.refresh(&tokens.refresh_token))
                .await
                .expect(400);
        }
    })
    .await;
    assert!(
        recorded.iter().all(|line| line.starts_with("1x ")) && recorded.len() <= 2,
        "{recorded:?}"
    );
}

#[tokio::test]
async fn the_code_of_another_app_is_refused_and_recorded() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { code, right, .. } = authorized(&owner).await;
    let thief = owner.app("thief", CALLBACK).await;
    let form = right
        .clone()
        .with("client_id", &thief.id)
        .with("client_secret", &thief.secret);
    assert_eq!(form.get("code"), code);
    let (answer, recorded) = recorded_by(&server, server.token(&form)).await;
    answer.expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
    assert_eq!(recorded, REFUSED);
    server.token(&right).await.expect(200);
}

#[tokio::test]
async fn the_code_of_a_deleted_app_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { app, right, .. } = authorized(&owner).await;
    owner
        .delete(&format!("/api/v2/oauth2-provider/apps/{}", app.id))
        .await
        .expect(204);
    let (answer, recorded) = recorded_by(&server, server.token(&right)).await;
    answer.expect_oauth2_error(401, "invalid_client", "The client credentials are invalid");
    assert_eq!(recorded, NOTHING);
}

#[tokio::test]
async fn an_expired_code_is_refused_and_recorded() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = Recorder::open(&server)
        .await
        .expired_code(&app, &owner)
        .await;
    let (answer, recorded) = recorded_by(&server, server.token(&app.exchange(&code))).await;
    answer.expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
    assert_eq!(recorded, REFUSED);
}

#[tokio::test]
async fn ten_refusals_end_the_grant() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { right, .. } = authorized(&owner).await;
    let wrong = right.clone().with("code_verifier", "y".repeat(43));
    let ((), recorded) = recorded_by(&server, async {
        for _ in 0..30 {
            server
                .token(&wrong)
                .await
                .expect_oauth2_error(400, "invalid_grant", "");
        }
    })
    .await;
    assert!(
        recorded.contains(&"1x oauth2_grant/grant_revoked".to_owned()),
        "{recorded:?}"
    );
    let refusals = [
        "10x oauth2_grant/exchange_refused",
        "11x oauth2_grant/exchange_refused",
    ];
    assert!(refusals.contains(&recorded[0].as_str()), "{recorded:?}");
    server
        .token(&right)
        .await
        .expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
}

#[tokio::test]
async fn bad_refreshes_are_refused_and_recorded() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let Authorized { app, right, .. } = authorized(&owner).await;
    let tokens = Tokens::of(&server, &right).await;
    let thief = owner.app("thief", CALLBACK).await;
    let (prefix, _) = tokens.refresh_token.rsplit_once('_').unwrap();
    let cases = [
        (
            "wrong secret part",
            app.refresh(&format!("{prefix}_{}", "z".repeat(40))),
            "invalid_grant",
        ),
        (
            "another client",
            thief.refresh(&tokens.refresh_token),
            "invalid_grant",
        ),
        (
            "another resource",
            app.refresh(&tokens.refresh_token)
                .and("resource", "https://other.example.com/"),
            "invalid_target",
        ),
    ];
    for (case, form, code) in cases {
        let (answer, recorded) = recorded_by(&server, server.token(&form)).await;
        assert_eq!(answer.status, 400, "{case}: {answer:#?}");
        answer.expect_oauth2_error(400, code, "");
        assert_eq!(recorded, ["1x oauth2_grant/refresh_refused"], "{case}");
    }
    let (answer, recorded) =
        recorded_by(&server, server.token(&app.refresh(&tokens.refresh_token))).await;
    answer.expect(200);
    assert_eq!(recorded, ["1x oauth2_grant/token_refreshed"]);
}
