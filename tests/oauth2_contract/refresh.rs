use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use crate::CALLBACK;
use crate::support::{Answer, Recorder, Server, Tokens};

const INVALID_TOKEN: &str = "The refresh token is invalid or expired";

#[tokio::test]
async fn a_refresh_rotates_both_tokens_and_ends_the_old_access_token() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let first = app.tokens(&owner).await;
    let second = Tokens::of(&server, &app.refresh(&first.refresh_token)).await;
    assert_ne!(first.access_token, second.access_token);
    assert_ne!(first.refresh_token, second.refresh_token);
    assert_eq!(
        (first.status(&server).await, second.status(&server).await),
        (401, 200)
    );
    let third = Tokens::of(&server, &app.refresh(&second.refresh_token)).await;
    assert_eq!(
        (second.status(&server).await, third.status(&server).await),
        (401, 200)
    );
}

#[tokio::test]
async fn a_rotated_refresh_token_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let first = app.tokens(&owner).await;
    let second = Tokens::of(&server, &app.refresh(&first.refresh_token)).await;
    let refused = server.token(&app.refresh(&first.refresh_token)).await;
    refused.expect_oauth2_error(400, "invalid_grant", INVALID_TOKEN);
    // A client that lost the answer, or two of its processes at once, is no thief: within seconds nothing is revoked.
    assert_eq!(second.status(&server).await, 200);
}

#[tokio::test]
async fn a_refresh_token_reused_later_ends_the_grant() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let grant = Recorder::open(&server)
        .await
        .rotated_a_minute_ago(&app, &owner)
        .await;
    assert_eq!(grant.current.status(&server).await, 200);
    let refused = server
        .token(&app.refresh(&grant.rotated_refresh_token))
        .await;
    refused.expect_oauth2_error(400, "invalid_grant", INVALID_TOKEN);
    assert_eq!(grant.current.status(&server).await, 401);
    let refused = server
        .token(&app.refresh(&grant.current.refresh_token))
        .await;
    refused.expect_oauth2_error(400, "invalid_grant", INVALID_TOKEN);
}

#[tokio::test]
async fn malformed_and_unknown_refresh_tokens_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let unknown = format!("coder_{}_{}", "0".repeat(10), "0".repeat(40));
    let cases = [
        ("NoTokenScheme", "1234_4321"),
        ("InvalidTokenScheme", "notcoder_1234_4321"),
        ("MissingTokenSecret", "coder_1234"),
        ("MissingTokenPrefix", "coder__1234"),
        ("InvalidTokenPrefix", "coder_1234_4321"),
        ("UnknownToken", unknown.as_str()),
    ];
    for (case, token) in cases {
        let answer = server.token(&app.refresh(token)).await;
        assert_eq!(answer.status, 400, "{case}");
        answer.expect_oauth2_error(400, "invalid_grant", INVALID_TOKEN);
    }
    for form in [app.refresh(""), app.refresh("").without("refresh_token")] {
        let description = "Missing required parameter: refresh_token";
        server
            .token(&form)
            .await
            .expect_oauth2_error(400, "invalid_request", description);
    }
}

#[tokio::test]
async fn an_expired_refresh_token_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let expired = Recorder::open(&server)
        .await
        .expired_tokens(&app, &owner)
        .await;
    let refused = server.token(&app.refresh(&expired.refresh_token)).await;
    refused.expect_oauth2_error(400, "invalid_grant", INVALID_TOKEN);
}

#[tokio::test]
async fn a_confidential_client_authenticates_to_refresh() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&owner).await;
    let form = app.refresh(&tokens.refresh_token);
    let anonymous = server.token(&form.clone().without("client_secret")).await;
    assert!(
        [400, 401].contains(&anonymous.status.as_u16()),
        "{anonymous:#?}"
    );
    assert!(["invalid_client", "invalid_request"].contains(&anonymous.member("error").as_str()));
    let wrong = server
        .token(&form.clone().with("client_secret", "coder_1234_4321"))
        .await;
    wrong.expect_oauth2_error(401, "invalid_client", "The client credentials are invalid");
    assert_eq!(tokens.status(&server).await, 200);

    let request = server
        .request(Method::POST, "/oauth2/tokens")
        .header(AUTHORIZATION, app.basic());
    let form = form.without("client_secret").without("client_id");
    Answer::to(request.form(form.pairs())).await.expect(200);
}

#[tokio::test]
async fn another_client_cannot_use_a_refresh_token() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, thief) = (
        owner.app("app", CALLBACK).await,
        owner.app("thief", CALLBACK).await,
    );
    let tokens = app.tokens(&owner).await;
    let refused = server.token(&thief.refresh(&tokens.refresh_token)).await;
    refused.expect_oauth2_error(400, "invalid_grant", INVALID_TOKEN);
    server
        .token(&app.refresh(&tokens.refresh_token))
        .await
        .expect(200);
}
