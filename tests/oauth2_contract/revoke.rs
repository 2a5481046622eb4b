use reqwest::Method;
use serde_json::json;

use crate::CALLBACK;
use crate::support::{Answer, App, Params, Recorder, Server, Session, Tokens};

const APPS: &str = "/api/v2/oauth2-provider/apps";

fn revocation(app: &App, token: &str) -> Params {
    Params::new()
        .and("token", token)
        .and("client_id", &app.id)
        .and("client_secret", &app.secret)
}

async fn apps_of(owner: &Session<'_>, user: &str) -> usize {
    let list = owner
        .get(&format!("{APPS}?user_id={user}"))
        .await
        .expect(200)
        .json();
    list.as_array().expect("a bare array").len()
}

/// What must hold after `end` was done to a client with a token and an outstanding code.
async fn ends_everything<'a, F: Future<Output = ()>>(
    owner: &'a Session<'a>,
    end: impl FnOnce(App) -> F,
) {
    let server = owner.server;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(owner).await;
    let code = owner.code(&app.authorization()).await;
    assert_eq!(
        (
            tokens.status(server).await,
            apps_of(owner, &owner.user_id).await
        ),
        (200, 1)
    );
    end(app.clone()).await;
    let answer = server.token(&app.exchange(&code)).await;
    assert!([400, 401].contains(&answer.status.as_u16()), "{answer:#?}");
    let answer = server.token(&app.refresh(&tokens.refresh_token)).await;
    assert!([400, 401].contains(&answer.status.as_u16()), "{answer:#?}");
    assert_eq!(tokens.status(server).await, 401);
    assert_eq!(apps_of(owner, &owner.user_id).await, 0);
}

#[tokio::test]
async fn deleting_the_app_ends_its_codes_and_tokens() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let owner = &owner;
    ends_everything(owner, |app| async move {
        owner
            .delete(&format!("{APPS}/{}", app.id))
            .await
            .expect(204);
    })
    .await;
}

#[tokio::test]
async fn deleting_the_secret_ends_the_tokens_issued_with_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let owner = &owner;
    ends_everything(owner, |app| async move {
        owner
            .delete(&format!("{APPS}/{}/secrets/{}", app.id, app.secret_id))
            .await
            .expect(204);
    })
    .await;
}

#[tokio::test]
async fn deleting_ones_tokens_ends_ones_codes_and_tokens() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let owner = &owner;
    ends_everything(owner, |app| async move {
        let path = format!("/oauth2/tokens?client_id={}", app.id);
        assert_eq!(owner.delete(&path).await.expect(204).text, "");
        owner.delete(&path).await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn deleting_ones_tokens_leaves_those_of_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let member = Recorder::open(&server).await.member("member").await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let kept = [app.tokens(&member).await, other.tokens(&owner).await];
    let ended = app.tokens(&owner).await;
    owner
        .delete(&format!("/oauth2/tokens?client_id={}", app.id))
        .await
        .expect(204);
    assert_eq!(ended.status(&server).await, 401);
    for tokens in kept {
        assert_eq!(tokens.status(&server).await, 200);
    }
}

#[tokio::test]
async fn deleting_tokens_names_a_known_client_and_needs_a_session() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let stranger = uuid::Uuid::from_u128(7);
    let path = "/oauth2/tokens";
    owner.delete(path).await.expect_oauth2_error(
        400,
        "invalid_request",
        "Missing client_id parameter",
    );
    for id in ["garbage".to_owned(), stranger.to_string()] {
        let answer = owner.delete(&format!("{path}?client_id={id}")).await;
        answer.expect_oauth2_error(401, "invalid_client", "The client credentials are invalid");
    }
    let app = owner.app("app", CALLBACK).await;
    let anonymous = server.request(Method::DELETE, &format!("{path}?client_id={}", app.id));
    Answer::to(anonymous).await.expect(401);
}

#[tokio::test]
async fn a_secret_of_another_age_is_not_touched_by_the_deletion_of_one() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let path = format!("{APPS}/{}/secrets", app.id);
    let second = owner.post(&path, &json!({})).await.expect(201);
    let code = owner.code(&app.authorization()).await;
    let form = app
        .exchange(&code)
        .with("client_secret", second.member("client_secret_full"));
    let tokens = Tokens::of(&server, &form).await;
    owner
        .delete(&format!("{path}/{}", app.secret_id))
        .await
        .expect(204);
    assert_eq!(tokens.status(&server).await, 200);
}

#[tokio::test]
async fn revoking_either_token_ends_both() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    for pick in [
        |tokens: &Tokens| tokens.access_token.clone(),
        |tokens: &Tokens| tokens.refresh_token.clone(),
    ] {
        let tokens = app.tokens(&owner).await;
        let form = revocation(&app, &pick(&tokens)).and("token_type_hint", "refresh_token");
        server.post_form("/oauth2/revoke", &form).await.expect(200);
        assert_eq!(tokens.status(&server).await, 401);
        let refresh = server.token(&app.refresh(&tokens.refresh_token)).await;
        refresh.expect_oauth2_error(
            400,
            "invalid_grant",
            "The refresh token is invalid or expired",
        );
        server.post_form("/oauth2/revoke", &form).await.expect(200);
    }
}

#[tokio::test]
async fn revoking_what_is_not_ones_own_says_nothing_and_does_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let tokens = app.tokens(&owner).await;
    let forged = format!("{}{}", &tokens.access_token[..11], "0".repeat(22));
    let unknown = format!("coder_{}_{}", "0".repeat(10), "0".repeat(40));
    for token in [
        &tokens.access_token,
        &tokens.refresh_token,
        &owner.token,
        &forged,
        &unknown,
    ] {
        server
            .post_form("/oauth2/revoke", &revocation(&other, token))
            .await
            .expect(200);
    }
    server
        .post_form("/oauth2/revoke", &revocation(&app, &forged))
        .await
        .expect(200);
    assert_eq!(tokens.status(&server).await, 200);
    owner.get("/api/v2/users/me").await.expect(200);
}

#[tokio::test]
async fn revocation_needs_a_token_and_the_clients_secret() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&owner).await;
    let form = revocation(&app, &tokens.access_token);
    let missing = server
        .post_form("/oauth2/revoke", &form.clone().without("token"))
        .await;
    missing.expect_oauth2_error(400, "invalid_request", "missing token parameter");
    let malformed = server
        .post_form("/oauth2/revoke", &form.clone().with("token", "what"))
        .await;
    malformed.expect_oauth2_error(400, "invalid_request", "Invalid token format");
    for form in [
        form.clone().without("client_secret"),
        form.with("client_secret", "coder_1234_4321"),
    ] {
        let answer = server.post_form("/oauth2/revoke", &form).await;
        answer.expect_oauth2_error(401, "invalid_client", "");
    }
    assert_eq!(
        server
            .get("/oauth2/revoke")
            .await
            .expect(405)
            .header("allow"),
        "POST"
    );
    assert_eq!(tokens.status(&server).await, 200);
}
