use crate::CALLBACK;
use crate::support::Server;

/// Redirect URIs that differ from `https://app.example.com:8443/callback` in one way each.
const MISMATCHED: [(&str, &str); 12] = [
    ("InvalidPort", "https://app.example.com:8444/callback"),
    ("MissingPort", "https://app.example.com/callback"),
    ("WrongAppHost", "https://other.example.com:8443/callback"),
    (
        "InvalidHostPrefix",
        "https://evilapp.example.com:8443/callback",
    ),
    ("InvalidHost", "https://app.example.org:8443/callback"),
    ("InvalidHostAndPort", "https://app.example.org:1/callback"),
    ("InvalidPath", "https://app.example.com:8443/other"),
    ("MissingPath", "https://app.example.com:8443"),
    ("Subdomain", "https://sub.app.example.com:8443/callback"),
    ("DifferentProtocol", "http://app.example.com:8443/callback"),
    ("NestedPath", "https://app.example.com:8443/callback/nested"),
    (
        "UserInfo",
        "https://app.example.com:8443@evil.example.com/callback",
    ),
];

#[tokio::test]
async fn allowing_redirects_to_the_callback_with_code_state_and_issuer() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner
        .app("app", &format!("{CALLBACK}?tenant=7&code=forged"))
        .await;
    let answer = owner
        .authorize(&app.authorization().with("state", "a b&c=d/é"))
        .await
        .expect(302);
    let location = answer.location();
    assert!(
        location
            .as_str()
            .starts_with(&format!("{CALLBACK}?tenant=7&")),
        "{location}"
    );
    let query: Vec<_> = location.query_pairs().into_owned().collect();
    let codes: Vec<_> = query.iter().filter(|(name, _)| name == "code").collect();
    assert_eq!(
        codes.len(),
        1,
        "the callback's own code is dropped: {location}"
    );
    let parts: Vec<_> = codes[0].1.split('_').map(str::len).collect();
    assert_eq!(
        (parts, codes[0].1.starts_with("coder_")),
        (vec![5, 10, 40], true)
    );
    assert_eq!(answer.redirected("state").as_deref(), Some("a b&c=d/é"));
    assert_eq!(answer.redirected("iss"), Some(server.url()));
    assert_eq!(answer.redirected("error"), None);
}

#[tokio::test]
async fn a_redirect_uri_must_be_exactly_the_registered_one() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    owner
        .authorize(&app.authorization().and("redirect_uri", CALLBACK))
        .await
        .expect(302);
    for (case, uri) in MISMATCHED {
        let query = app.authorization().and("redirect_uri", uri);
        let answer = owner.authorize(&query).await.expect_oauth2_error(
            400,
            "invalid_request",
            "Invalid query params:",
        );
        assert!(
            answer.text.contains("must exactly match"),
            "{case}: {}",
            answer.text
        );
        for answer in [answer, owner.consent_page(&query).await.expect(400)] {
            assert_eq!(answer.header("location"), "", "{case}");
        }
    }
}

#[tokio::test]
async fn a_loopback_redirect_uri_may_have_any_port() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let app = owner
            .app("native", &format!("http://{host}/callback"))
            .await;
        let uri = format!("http://{host}:53211/callback");
        let answer = owner
            .authorize(&app.authorization().and("redirect_uri", &uri))
            .await
            .expect(302);
        assert!(answer.header("location").starts_with(&uri), "{answer:#?}");
        for uri in [
            format!("https://{host}:53211/callback"),
            format!("http://{host}:53211/other"),
        ] {
            let query = app.authorization().and("redirect_uri", uri);
            owner.authorize(&query).await.expect_oauth2_error(
                400,
                "invalid_request",
                "must exactly match",
            );
        }
    }
}

#[tokio::test]
async fn response_type_token_is_answered_by_redirect() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let answer = owner
        .authorize(&app.authorization().with("response_type", "token"))
        .await
        .expect(302);
    assert!(
        answer.header("location").starts_with(CALLBACK),
        "{answer:#?}"
    );
    assert_eq!(
        answer.redirected("error").as_deref(),
        Some("unsupported_response_type")
    );
    assert_eq!(
        answer.redirected("state").as_deref(),
        Some("state-of-the-client")
    );
    assert_eq!(answer.redirected("iss"), Some(server.url()));
    assert_eq!(answer.redirected("code"), None);
}

#[tokio::test]
async fn parameters_of_other_specifications_are_ignored() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let query = app
        .authorization()
        .and("prompt", "consent")
        .and("nonce", "n")
        .and("redirected", "true");
    owner.code(&query).await;
}

#[tokio::test]
async fn a_new_code_replaces_the_users_earlier_code_for_the_app() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let first = owner.code(&app.authorization()).await;
    let unrelated = owner.code(&other.authorization()).await;
    let second = owner.code(&app.authorization()).await;
    let refused = server.token(&app.exchange(&first)).await;
    refused.expect_oauth2_error(
        400,
        "invalid_grant",
        "The authorization code is invalid or expired",
    );
    server.token(&app.exchange(&second)).await.expect(200);
    server.token(&other.exchange(&unrelated)).await.expect(200);
}
