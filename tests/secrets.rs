//! No secret that anybody sends or gets is written anywhere: not to the logs, not to any table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;
use support::{Answer, PASSWORD, Params, Pkce, RESOURCE, Server, Session, Tokens};

const CALLBACK: &str = "http://localhost:9876/callback";
/// Sent in place of the e-mail address.
const MISPLACED: &str = "Horse@Battery-Correct-7";
const MISTYPED: &str = "Correct-Horse-Battery-8";

/// Every row of every table, as text, under the table's name.
async fn tables(pool: &PgPool) -> Vec<(String, String)> {
    let statements: Vec<(String, String)> = sqlx::query_as(
        "SELECT format('%s.%s', table_schema, table_name), \
                format('SELECT coalesce(string_agg(row::text, E''\\n''), '''') FROM %I.%I row', table_schema, table_name) \
         FROM information_schema.tables \
         WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut tables = Vec::new();
    for (name, statement) in statements {
        let rows = sqlx::query_scalar(&statement)
            .fetch_one(pool)
            .await
            .unwrap();
        tables.push((name, rows));
    }
    tables
}

/// The forms in which a secret might lie around.
fn forms(secret: &str) -> [String; 3] {
    [
        secret.to_owned(),
        hex::encode(secret),
        STANDARD.encode(secret),
    ]
}

/// The part of a token that makes it a secret; the rest is its id, which is recorded.
fn secret_part(token: &str) -> String {
    token.rsplit(['_', '-']).next().unwrap().to_owned()
}

/// Registers a client, which reads its registration, and returns its secrets.
async fn register(owner: &Session<'_>) -> [(&'static str, String); 2] {
    let server = owner.server;
    let on = json!({ "dynamic_client_registration_enabled": true });
    let settings = "/api/v2/oauth2-provider/settings";
    owner.put(settings, &on).await.expect(200);
    let registration = server.request(Method::POST, "/oauth2/register");
    let registration = registration.json(&json!({ "redirect_uris": [CALLBACK] }));
    let registered = Answer::to(registration).await.expect(201);
    let token = registered.member("registration_access_token");
    let path = format!("/oauth2/clients/{}", registered.member("client_id"));
    let shown = server.request(Method::GET, &path).bearer_auth(&token);
    Answer::to(shown).await.expect(200);
    let secret = registered.member("client_secret");
    [
        ("client secret of a registration", secret_part(&secret)),
        ("registration access token", secret_part(&token)),
    ]
}

async fn refused_login(server: &Server, email: &str, password: &str) {
    let login = json!({ "email": email, "password": password });
    let request = server
        .request(Method::POST, "/api/v2/users/login")
        .json(&login);
    Answer::to(request).await.expect(401);
}

/// Shows a provisioner key and one that is none.
async fn show_provisioner_keys(owner: &Session<'_>) -> [(&'static str, String); 2] {
    let keys = "/api/v2/organizations/default/provisionerkeys";
    let made = owner.post(keys, &json!({ "name": "builders" })).await;
    let (key, wrong) = (made.expect(201).member("key"), "k".repeat(43));
    for (text, status) in [(&key, 200), (&wrong, 401)] {
        let path = format!("/api/v2/provisionerkeys/{text}");
        let request = owner.server.request(Method::GET, &path);
        let request = request.header("Coder-Provisioner-Daemon-Key", text);
        Answer::to(request).await.expect(status);
    }
    [("provisioner key", key), ("wrong provisioner key", wrong)]
}

/// Uses every kind of secret in every place it may be in, and returns them all.
async fn use_every_secret(server: &Server) -> Vec<(&'static str, String)> {
    let mut secrets = vec![
        ("password", PASSWORD.to_owned()),
        ("mistyped password", MISTYPED.to_owned()),
        ("password typed as an address", MISPLACED.to_owned()),
    ];
    let mut keep = |kind, token: &str| secrets.push((kind, secret_part(token)));
    let owner = server.owner().await;
    keep("session token", &owner.token);
    refused_login(server, support::OWNER_EMAIL, MISTYPED).await;
    refused_login(server, MISPLACED, "example").await;
    let api_token = owner
        .post(
            "/api/v2/users/me/keys/tokens",
            &json!({ "token_name": "ci" }),
        )
        .await
        .expect(201);
    keep("API token", &api_token.member("key"));
    let cookie = format!("coder_session_token={}", api_token.member("key"));
    Answer::to(
        server
            .request(Method::GET, "/api/v2/users/me")
            .header("Cookie", cookie),
    )
    .await
    .expect(200);

    let app = owner.app("app", CALLBACK).await;
    keep("client secret", &app.secret);
    let pkce = Pkce::rfc7636();
    let query = pkce.asked(app.authorization()).and("resource", RESOURCE);
    let code = owner.code(&query).await;
    keep("code", &code);
    let form = app.exchange(&code).and("resource", RESOURCE);
    let verifiers = [
        ("wrong verifier", "w".repeat(43)),
        ("verifier", pkce.verifier.clone()),
    ];
    server
        .token(&form.clone().and("code_verifier", &verifiers[0].1))
        .await
        .expect(400);
    let wrong_secret = form.clone().with(
        "client_secret",
        format!("coder_0123456789_{}", "q".repeat(40)),
    );
    server.token(&wrong_secret).await.expect(401);
    let request = server
        .request(Method::POST, "/oauth2/tokens")
        .query(&[("client_secret", &app.secret)]);
    Answer::to(request.form(&[("grant_type", "authorization_code")]))
        .await
        .expect(400);
    let first = Tokens::of(server, &form.clone().and("code_verifier", &verifiers[1].1)).await;
    let second = Tokens::of(server, &app.refresh(&first.refresh_token)).await;
    server
        .token(&app.refresh(&first.refresh_token))
        .await
        .expect(400);
    for tokens in [&first, &second] {
        keep("access token", &tokens.access_token);
        keep("refresh token", &tokens.refresh_token);
        for place in ["access_token", "coder_session_token"] {
            let request = server
                .request(Method::GET, "/api/v2/users/me")
                .query(&[(place, &tokens.access_token)]);
            assert!(Answer::to(request).await.status.is_client_error());
        }
        let form = Params::new().and("token", &tokens.access_token);
        let introspection = server
            .request(Method::POST, "/oauth2/introspect")
            .header("Authorization", app.basic());
        Answer::to(introspection.form(form.pairs()))
            .await
            .expect(200);
    }
    let form = Params::new()
        .and("token", &second.refresh_token)
        .and("client_id", &app.id)
        .and("client_secret", &app.secret);
    server.post_form("/oauth2/revoke", &form).await.expect(200);
    // The used code and the exchange's verifier once more: refusals are recorded too.
    server
        .token(&app.exchange(&code).and("code_verifier", &pkce.verifier))
        .await
        .expect(400);
    secrets.extend(register(&owner).await);
    secrets.extend(show_provisioner_keys(&owner).await);
    owner
        .post("/api/v2/users/logout", &json!({}))
        .await
        .expect(200);
    secrets.extend(verifiers);
    secrets.push(("wrong client secret", "q".repeat(40)));
    secrets
}

#[tokio::test]
async fn no_raw_secret_is_logged_or_stored() {
    let mut server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_LOG_LEVEL", "trace"),
    ])
    .await;
    let secrets = use_every_secret(&server).await;
    // In order: everything that is written late is written by then.
    server.stop().await;
    let mut places = tables(server.pool()).await;
    assert!(
        places
            .iter()
            .any(|(name, rows)| name == "public.events" && rows.contains("code_exchanged"))
    );
    assert!(
        places
            .iter()
            .any(|(name, rows)| name.starts_with("projection_audit.") && !rows.is_empty())
    );
    assert!(
        server.logs().contains("\"level\":\"DEBUG\""),
        "not the most talkative log: {}",
        server.logs()
    );
    places.push(("the log".to_owned(), server.logs()));
    for (place, content) in &places {
        for (kind, secret) in &secrets {
            for form in forms(secret) {
                assert!(
                    !content.contains(&form),
                    "the {kind} {secret} lies in {place} as {form}"
                );
            }
        }
    }
}
