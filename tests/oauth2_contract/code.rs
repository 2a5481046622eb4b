use crate::CALLBACK;
use crate::support::{Pkce, Recorder, Server, Tokens};

const INVALID_CODE: &str = "The authorization code is invalid or expired";

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused_and_the_code_is_good_without_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let verifier = Pkce::rfc7636().verifier;
    let refused = server
        .token(&app.exchange(&code).and("code_verifier", verifier))
        .await;
    refused.expect_oauth2_error(400, "invalid_grant", "The PKCE code verifier is invalid");
    server.token(&app.exchange(&code)).await.expect(200);
}

#[tokio::test]
async fn a_challenge_is_met_by_its_verifier_only_and_a_failed_attempt_does_not_consume_the_code() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let pkce = Pkce::rfc7636();
    // Without a method a challenge is S256.
    let implied = app.authorization().and("code_challenge", &pkce.challenge);
    for query in [pkce.asked(app.authorization()), implied] {
        let code = owner.code(&query).await;
        let other = Pkce::of(&"x".repeat(43)).verifier;
        for form in [
            app.exchange(&code),
            app.exchange(&code).and("code_verifier", other),
        ] {
            let refused = server.token(&form).await;
            refused.expect_oauth2_error(400, "invalid_grant", "The PKCE code verifier is invalid");
        }
        server
            .token(&app.exchange(&code).and("code_verifier", &pkce.verifier))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn malformed_and_unknown_codes_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let unknown = format!("coder_{}_{}", "0".repeat(10), "0".repeat(40));
    let cases = [
        ("NoCodeScheme", "1234_4321"),
        ("InvalidCodeScheme", "notcoder_1234_4321"),
        ("MissingCodeSecret", "coder_1234"),
        ("MissingCodePrefix", "coder__1234"),
        ("InvalidCodePrefix", "coder_1234_4321"),
        ("UnknownCode", unknown.as_str()),
    ];
    for (case, code) in cases {
        let answer = server.token(&app.exchange(code)).await;
        assert_eq!(answer.status, 400, "{case}");
        answer.expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
    }
    for form in [app.exchange(""), app.exchange("").without("code")] {
        let description = "Missing required parameter: code";
        server
            .token(&form)
            .await
            .expect_oauth2_error(400, "invalid_request", description);
    }
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = Recorder::open(&server)
        .await
        .expired_code(&app, &owner)
        .await;
    server
        .token(&app.exchange(&code))
        .await
        .expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
}

#[tokio::test]
async fn a_code_works_once_and_its_reuse_ends_what_was_issued_from_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let tokens = Tokens::of(&server, &app.exchange(&code)).await;
    assert_eq!(tokens.status(&server).await, 200);
    server
        .token(&app.exchange(&code))
        .await
        .expect_oauth2_error(400, "invalid_grant", INVALID_CODE);
    assert_eq!(tokens.status(&server).await, 401);
    let refresh = server.token(&app.refresh(&tokens.refresh_token)).await;
    refresh.expect_oauth2_error(
        400,
        "invalid_grant",
        "The refresh token is invalid or expired",
    );
}

#[tokio::test]
async fn a_new_grant_replaces_the_users_earlier_one_for_the_app() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let first = app.tokens(&owner).await;
    let second = app.tokens(&owner).await;
    assert_eq!(
        (first.status(&server).await, second.status(&server).await),
        (401, 200)
    );
    let refused = server.token(&app.refresh(&first.refresh_token)).await;
    refused.expect_oauth2_error(
        400,
        "invalid_grant",
        "The refresh token is invalid or expired",
    );
    assert_eq!(second.status(&server).await, 200);
}

#[tokio::test]
async fn the_redirect_uri_of_the_exchange_must_be_that_of_the_authorization() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", "http://localhost/callback").await;
    let asked = "http://localhost:4001/callback";
    let code = owner
        .code(&app.authorization().and("redirect_uri", asked))
        .await;
    for other in [
        "http://localhost:4002/callback",
        "https://evil.example.com/callback",
        "callback",
    ] {
        let answer = server
            .token(&app.exchange(&code).and("redirect_uri", other))
            .await
            .expect(400);
        assert!(
            ["invalid_grant", "invalid_request"].contains(&answer.member("error").as_str()),
            "{answer:#?}"
        );
    }
    server
        .token(&app.exchange(&code).and("redirect_uri", asked))
        .await
        .expect(200);
}
