use reqwest::Method;
use serde_json::Value;

use crate::CALLBACK;
use crate::support::{Answer, Params, Pkce, RESOURCE, Recorder, Server, Session, Tokens};

/// The audit entries of a search, newest first.
async fn entries(owner: &Session<'_>, search: &str) -> Vec<Value> {
    let request = owner
        .request(Method::GET, "/api/v2/audit")
        .query(&[("q", search), ("limit", "100")]);
    let answer = Answer::to(request).await.expect(200).json();
    let entries = answer["audit_logs"].as_array().expect("entries").clone();
    assert_eq!(answer["count"], entries.len());
    entries
}

#[tokio::test]
async fn the_trail_shows_who_got_a_token_for_what_and_who_failed_to() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let pkce = Pkce::rfc7636();
    let query = pkce
        .asked(app.authorization())
        .and("redirect_uri", CALLBACK)
        .and("resource", RESOURCE)
        .and("scope", "tools.read");
    let code = owner.code(&query).await;
    let form = app
        .exchange(&code)
        .and("resource", RESOURCE)
        .and("redirect_uri", CALLBACK);
    server
        .token(&form.clone().and("code_verifier", "w".repeat(43)))
        .await
        .expect(400);
    let tokens = Tokens::of(&server, &form.and("code_verifier", &pkce.verifier)).await;
    let tokens = Tokens::of(&server, &app.refresh(&tokens.refresh_token)).await;
    let revocation = Params::new()
        .and("token", &tokens.access_token)
        .and("client_id", &app.id)
        .and("client_secret", &app.secret);
    server
        .post_form("/oauth2/revoke", &revocation)
        .await
        .expect(200);
    owner
        .delete(&format!("/api/v2/oauth2-provider/apps/{}", app.id))
        .await
        .expect(204);

    let mut trail = Vec::new();
    for resource_type in ["app", "app_secret", "app_code", "app_token"] {
        trail.extend(
            entries(
                &owner,
                &format!("resource_type:oauth2_provider_{resource_type}"),
            )
            .await,
        );
    }
    for entry in &trail {
        assert_eq!(entry["ip"], "127.0.0.1", "{entry}");
        assert!(
            entry["request_id"]
                .as_str()
                .is_some_and(|id| id.len() == 36),
            "{entry}"
        );
        assert!(!entry.to_string().contains(&app.secret), "{entry}");
    }
    let trail = Value::Array(trail)
        .to_string()
        .replace(&app.id, "[app]")
        .replace(&owner.user_id, "[owner]");
    let shown = &app.secret[app.secret.len() - 6..];
    let trail: Value = serde_json::from_str(
        &trail
            .replace(&app.secret_id, "[secret]")
            .replace(shown, "[shown]"),
    )
    .unwrap();
    insta::assert_json_snapshot!("audit_trail", trail, {
        "[].id" => "[uuid]", "[].request_id" => "[uuid]", "[].time" => "[time]",
        "[].resource_id" => "[resource]", "[].additional_fields.grant_id" => "[grant]",
        "[].diff.api_key_id" => "[changed]", "[].diff.expires_at" => "[changed]", "[].diff.refresh_expires_at" => "[changed]",
        "[].user.created_at" => "[time]", "[].user.updated_at" => "[time]", "[].user.last_seen_at" => "[time]",
        "[].user.organization_ids" => "[organizations]",
    });
}

/// Of each entry of codes, tokens or secrets, newest first, whether what it is about is shown as deleted.
async fn deleted(owner: &Session<'_>, what: &str) -> Vec<bool> {
    let search = format!("resource_type:oauth2_provider_app_{what} action:create");
    let entries = entries(owner, &search).await;
    let shown = entries.iter().map(|entry| entry["is_deleted"].as_bool());
    shown.map(Option::unwrap).collect()
}

#[tokio::test]
async fn codes_and_tokens_are_shown_as_deleted_once_something_else_has_ended_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    app.tokens(&owner).await;
    assert_eq!(deleted(&owner, "code").await, [true]);
    assert_eq!(deleted(&owner, "token").await, [false]);
    // A newer grant takes the place of the first.
    app.tokens(&owner).await;
    assert_eq!(deleted(&owner, "token").await, [false, true]);
    owner.code(&app.authorization()).await;
    owner.code(&app.authorization()).await;
    assert_eq!(deleted(&owner, "code").await, [false, true, true, true]);
    assert_eq!(deleted(&owner, "secret").await, [false]);
    owner
        .delete(&format!("/api/v2/oauth2-provider/apps/{}", app.id))
        .await
        .expect(204);
    assert_eq!(deleted(&owner, "code").await, [true; 4]);
    assert_eq!(deleted(&owner, "token").await, [true; 2]);
    assert_eq!(deleted(&owner, "secret").await, [true]);
}

#[tokio::test]
async fn failed_logins_are_on_the_trail() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body =
        serde_json::json!({ "email": crate::support::OWNER_EMAIL, "password": "wrong password" });
    let request = server
        .request(Method::POST, "/api/v2/users/login")
        .json(&body)
        .header("User-Agent", "guesser/1");
    Answer::to(request).await.expect(401);
    let logins = entries(&owner, "action:login").await;
    let failed: Vec<_> = logins
        .iter()
        .filter(|entry| entry["status_code"] == 401)
        .collect();
    assert_eq!(failed.len(), 1, "{logins:?}");
    assert_eq!(
        (&failed[0]["resource_type"], &failed[0]["user_agent"]),
        (&"api_key".into(), &"guesser/1".into())
    );
    assert_eq!(failed[0]["user"]["id"], owner.user_id);
}

#[tokio::test]
async fn members_do_not_read_the_trail() {
    let server = Server::start().await;
    server.owner().await;
    let member = Recorder::open(&server).await.member("member").await;
    member.get("/api/v2/audit").await.expect(403);
    server.get("/api/v2/audit").await.expect(401);
}
