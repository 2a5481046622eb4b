use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use crate::support::{Answer, App, Params, Server};
use crate::{CALLBACK, NOTHING, recorded_by};

const INVALID: &str = "The client credentials are invalid";

async fn with_basic(server: &Server, basic: &str, form: &Params) -> Answer {
    let request = server
        .request(Method::POST, "/oauth2/tokens")
        .header(AUTHORIZATION, basic);
    Answer::to(request.form(form.pairs())).await
}

#[tokio::test]
async fn wrong_secrets_are_refused_without_a_trace() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let code = owner.code(&app.authorization()).await;
    let (prefix, _) = app.secret.rsplit_once('_').unwrap();
    let secrets = [
        (
            "right prefix, wrong secret",
            format!("{prefix}_{}", "x".repeat(40)),
        ),
        ("secret of another app", other.secret.clone()),
        ("upper case", app.secret.to_uppercase()),
        ("something after it", format!("{}x", app.secret)),
        ("too many parts", format!("{}_x", app.secret)),
        ("a code", code.clone()),
        ("a megabyte's start", "x".repeat(10_000)),
    ];
    for (case, secret) in secrets {
        let (answer, recorded) = recorded_by(
            &server,
            server.token(&app.exchange(&code).with("client_secret", &secret)),
        )
        .await;
        assert_eq!(answer.status, 401, "{case}");
        assert!(
            answer.header("www-authenticate").starts_with("Basic"),
            "{case}: {answer:#?}"
        );
        answer.expect_oauth2_error(401, "invalid_client", INVALID);
        assert_eq!(recorded, NOTHING, "{case}");

        let form = app.exchange(&code).without("client_secret");
        let basic = App {
            secret,
            ..app.clone()
        }
        .basic();
        let (answer, recorded) = recorded_by(&server, with_basic(&server, &basic, &form)).await;
        answer.expect_oauth2_error(401, "invalid_client", INVALID);
        assert_eq!(recorded, NOTHING, "{case}");
    }
    server.token(&app.exchange(&code)).await.expect(200);
}

#[tokio::test]
async fn a_deleted_secret_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let secrets = format!("/api/v2/oauth2-provider/apps/{}/secrets", app.id);
    let kept = owner
        .post(&secrets, &json!({}))
        .await
        .expect(201)
        .member("client_secret_full");
    let code = owner.code(&app.authorization()).await;
    owner
        .delete(&format!("{secrets}/{}", app.secret_id))
        .await
        .expect(204);
    let (answer, recorded) = recorded_by(&server, server.token(&app.exchange(&code))).await;
    answer.expect_oauth2_error(401, "invalid_client", INVALID);
    assert_eq!(recorded, NOTHING);
    server
        .token(&app.exchange(&code).with("client_secret", kept))
        .await
        .expect(200);
}

#[tokio::test]
async fn credentials_that_disagree_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let code = owner.code(&app.authorization()).await;
    let form = app.exchange(&code);
    let wrong_secret = App {
        secret: other.secret.clone(),
        ..app.clone()
    };
    let cases = [
        (
            "another secret in the form",
            app.basic(),
            form.clone().with("client_secret", &other.secret),
        ),
        (
            "another secret in the header",
            wrong_secret.basic(),
            form.clone(),
        ),
        ("another client in the header", other.basic(), form.clone()),
        (
            "another client in the form",
            app.basic(),
            form.clone()
                .without("client_secret")
                .with("client_id", &other.id),
        ),
    ];
    for (case, basic, form) in cases {
        let (answer, recorded) = recorded_by(&server, with_basic(&server, &basic, &form)).await;
        assert_eq!(answer.status, 400, "{case}: {answer:#?}");
        let conflict =
            "Conflicting client credentials between Authorization header and request body";
        answer.expect_oauth2_error(400, "invalid_request", conflict);
        assert_eq!(recorded, NOTHING, "{case}");
    }
    with_basic(&server, &app.basic(), &form).await.expect(200);
}

#[tokio::test]
async fn malformed_basic_headers_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let form = app
        .exchange(&code)
        .without("client_secret")
        .without("client_id");
    // No base64; no colon; not UTF-8; nothing.
    for basic in ["Basic %%%", "Basic YWJj", "Basic /w==", "Basic "] {
        let (answer, recorded) = recorded_by(&server, with_basic(&server, basic, &form)).await;
        assert!(
            [400, 401].contains(&answer.status.as_u16()),
            "{basic}: {answer:#?}"
        );
        assert!(
            ["invalid_client", "invalid_request"].contains(&answer.member("error").as_str()),
            "{basic}"
        );
        assert_eq!(recorded, NOTHING, "{basic}");
    }
}

#[tokio::test]
async fn a_secret_in_the_url_is_not_read() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let form = app.exchange(&code).without("client_secret");
    let request = server
        .request(Method::POST, "/oauth2/tokens")
        .query(&[("client_secret", &app.secret)]);
    let (answer, recorded) = recorded_by(&server, Answer::to(request.form(form.pairs()))).await;
    answer.expect_oauth2_error(400, "invalid_request", "client_secret");
    assert_eq!(recorded, NOTHING);
    assert!(!server.logs().contains(&app.secret));
}
