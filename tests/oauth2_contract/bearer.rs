use reqwest::{Method, RequestBuilder};

use crate::CALLBACK;
use crate::support::{Answer, Recorder, Server};

const ME: &str = "/api/v2/users/me";
const WRONG: &str = "aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa";

async fn status(request: RequestBuilder) -> u16 {
    Answer::to(request).await.status.as_u16()
}

#[tokio::test]
async fn the_access_token_opens_the_api_from_every_place_it_may_be_in() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let token = app.tokens(&owner).await.access_token;
    let me = || server.request(Method::GET, ME);
    let requests = [
        me().header("Authorization", format!("Bearer {token}")),
        me().header("Authorization", format!("bEARER   {token} ")),
        me().query(&[("access_token", &token)]),
        me().query(&[("coder_session_token", &token)]),
        me().header("Coder-Session-Token", &token),
        me().header("Cookie", format!("a=b; coder_session_token={token}")),
    ];
    for (place, request) in requests.into_iter().enumerate() {
        assert_eq!(status(request).await, 200, "place {place}");
    }
}

#[tokio::test]
async fn the_first_place_that_holds_a_token_counts() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = &owner.token;
    let me = || server.request(Method::GET, ME);
    let cookie = |token: &str| format!("coder_session_token={token}");
    // In the order of the contract: cookie, query coder_session_token, header, bearer, query access_token.
    assert_eq!(
        status(
            me().header("Cookie", cookie(token))
                .header("Coder-Session-Token", WRONG)
        )
        .await,
        200
    );
    assert_eq!(
        status(
            me().header("Cookie", cookie(WRONG))
                .header("Coder-Session-Token", token)
        )
        .await,
        401
    );
    assert_eq!(
        status(
            me().query(&[("coder_session_token", token)])
                .header("Coder-Session-Token", WRONG)
        )
        .await,
        200
    );
    assert_eq!(
        status(me().header("Coder-Session-Token", token).bearer_auth(WRONG)).await,
        200
    );
    assert_eq!(
        status(me().header("Coder-Session-Token", WRONG).bearer_auth(token)).await,
        401
    );
    assert_eq!(
        status(me().bearer_auth(token).query(&[("access_token", WRONG)])).await,
        200
    );
    assert_eq!(
        status(me().bearer_auth(WRONG).query(&[("access_token", token)])).await,
        401
    );
    // Basic credentials are not a token.
    assert_eq!(
        status(
            me().basic_auth("user", Some("password"))
                .query(&[("access_token", token)])
        )
        .await,
        200
    );
}

#[tokio::test]
async fn a_refused_token_is_challenged_with_the_way_to_the_metadata() {
    let server = Server::start().await;
    server.owner().await;
    let metadata = format!(
        "resource_metadata=\"{}/.well-known/oauth-protected-resource\"",
        server.url()
    );
    let me = || server.request(Method::GET, ME);
    let cases = [
        ("InvalidBearerToken", me().bearer_auth(WRONG)),
        (
            "MalformedBearerToken",
            me().bearer_auth("no-such-shape-of-token"),
        ),
        ("MissingBearerToken", me()),
        (
            "InvalidAuthorizationHeaderIgnored",
            me().header("Authorization", "Bearer"),
        ),
        ("BasicIgnored", me().basic_auth("user", Some("password"))),
    ];
    for (case, request) in cases {
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, 401, "{case}");
        let challenge = format!(
            "Bearer realm=\"coder\", error=\"invalid_token\", error_description=\"The access token is invalid\", {metadata}"
        );
        assert_eq!(answer.header("www-authenticate"), challenge, "{case}");
        let message = answer.member("message");
        assert_eq!(
            message,
            "You are signed out or your session has expired. Please sign in again to continue."
        );
        assert!(!answer.member("detail").is_empty(), "{case}");
    }
}

#[tokio::test]
async fn an_expired_token_is_said_to_be_expired() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let expired = Recorder::open(&server)
        .await
        .expired_tokens(&app, &owner)
        .await;
    let request = server
        .request(Method::GET, ME)
        .bearer_auth(&expired.access_token);
    let answer = Answer::to(request).await.expect(401);
    assert!(answer.member("detail").contains("expired"), "{answer:#?}");
    assert!(
        answer
            .header("www-authenticate")
            .contains("The access token has expired"),
        "{answer:#?}"
    );
}

#[tokio::test]
async fn a_token_without_the_right_is_told_so() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let member = Recorder::open(&server).await.member("member").await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&member).await;
    let request = server.request(
        Method::DELETE,
        &format!("/api/v2/oauth2-provider/apps/{}", app.id),
    );
    let answer = Answer::to(request.bearer_auth(&tokens.access_token))
        .await
        .expect(403);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{answer:#?}"
    );
    assert!(
        challenge
            .contains("The request requires higher privileges than provided by the access token")
    );
}
