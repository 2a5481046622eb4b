use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use crate::CALLBACK;
use crate::support::{Answer, Recorder, Server};

#[tokio::test]
async fn the_token_answer_has_the_wire_shape_of_the_contract() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let answer = server.token(&app.exchange(&code)).await.expect(200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    insta::assert_json_snapshot!("token_answer", body, {
        ".access_token" => "<id>-<secret>", ".refresh_token" => "coder_<prefix>_<secret>", ".expiry" => "[time]",
    });
    let lengths = |text: &str, separator| text.split(separator).map(str::len).collect::<Vec<_>>();
    assert_eq!(lengths(&answer.member("access_token"), '-'), [10, 22]);
    assert_eq!(lengths(&answer.member("refresh_token"), '_'), [5, 10, 40]);
    let expiry: DateTime<Utc> = answer.member("expiry").parse().unwrap();
    let issued: DateTime<Utc> = DateTime::parse_from_rfc2822(answer.header("date"))
        .unwrap()
        .into();
    let lifetime = (expiry - issued).num_seconds() - body["expires_in"].as_i64().unwrap();
    assert!(lifetime.abs() <= 5, "expiry and expires_in agree: {body}");
}

#[tokio::test]
async fn a_token_speaks_for_the_user_who_allowed_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let member = Recorder::open(&server).await.member("member").await;
    for user in [&owner, &member] {
        let tokens = app.tokens(user).await;
        assert_eq!(tokens.token_type, "Bearer");
        let request = server
            .request(Method::GET, "/api/v2/users/me")
            .bearer_auth(&tokens.access_token);
        assert_eq!(
            Answer::to(request).await.expect(200).member("id"),
            user.user_id
        );
    }
}

#[tokio::test]
async fn both_spellings_of_the_token_endpoint_work() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    for path in ["/oauth2/tokens", "/oauth2/token"] {
        let code = owner.code(&app.authorization()).await;
        server
            .post_form(path, &app.exchange(&code))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_client_may_authenticate_with_basic_plain_or_form_encoded() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    // RFC 6749 section 2.3.1 form-encodes both halves first: every byte may arrive as an escape.
    let escaped = app
        .secret
        .bytes()
        .fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    let encoded = crate::support::App {
        secret: escaped,
        ..app.clone()
    };
    for (basic, keeps_client_id) in [
        (app.basic(), false),
        (encoded.basic(), true),
        (app.basic(), true),
    ] {
        let code = owner.code(&app.authorization()).await;
        let mut form = app.exchange(&code).without("client_secret");
        if !keeps_client_id {
            form = form.without("client_id");
        }
        let request = server
            .request(Method::POST, "/oauth2/tokens")
            .header(AUTHORIZATION, basic);
        Answer::to(request.form(form.pairs())).await.expect(200);
    }
}

#[tokio::test]
async fn unknown_clients_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let stranger = uuid::Uuid::from_u128(7).to_string();
    for id in ["garbage", stranger.as_str()] {
        let description = "The client credentials are invalid";
        let form = app.exchange(&code).with("client_id", id);
        server
            .token(&form)
            .await
            .expect_oauth2_error(401, "invalid_client", description);
        let query = app.authorization().with("client_id", id);
        owner
            .authorize(&query)
            .await
            .expect_oauth2_error(401, "invalid_client", description);
    }
    let form = app.exchange(&code).without("client_id");
    server.token(&form).await.expect_oauth2_error(
        400,
        "invalid_request",
        "Missing client_id parameter",
    );
    let query = app.authorization().without("client_id");
    owner.authorize(&query).await.expect_oauth2_error(
        400,
        "invalid_request",
        "Missing client_id parameter",
    );
}

#[tokio::test]
async fn malformed_and_wrong_secrets_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let cases = [
        ("NoSecretScheme", "1234_4321"),
        ("InvalidSecretScheme", "notcoder_1234_4321"),
        ("MissingSecretSecret", "coder_1234"),
        ("MissingSecretPrefix", "coder__1234"),
        ("InvalidSecretPrefix", "coder_1234_4321"),
    ];
    for (case, secret) in cases {
        let answer = server
            .token(&app.exchange(&code).with("client_secret", secret))
            .await;
        assert_eq!(answer.status, 401, "{case}");
        answer.expect_oauth2_error(401, "invalid_client", "The client credentials are invalid");
    }
    for form in [
        app.exchange(&code).with("client_secret", ""),
        app.exchange(&code).without("client_secret"),
    ] {
        let description = "Missing required parameter: client_secret";
        server
            .token(&form)
            .await
            .expect_oauth2_error(400, "invalid_request", description);
    }
    server.token(&app.exchange(&code)).await.expect(200);
}

#[tokio::test]
async fn other_grant_types_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let missing = "The grant type is missing or unsupported";
    let form = app.exchange(&code);
    for form in [
        form.clone().without("grant_type"),
        form.clone().with("grant_type", ""),
        form.clone().with("grant_type", "x"),
    ] {
        server
            .token(&form)
            .await
            .expect_oauth2_error(400, "unsupported_grant_type", missing);
    }
    for known in ["password", "client_credentials", "implicit"] {
        let description = format!("The grant type \"{known}\" is not supported");
        let answer = server.token(&form.clone().with("grant_type", known)).await;
        answer.expect_oauth2_error(400, "unsupported_grant_type", &description);
    }
}
