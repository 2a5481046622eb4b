use serde_json::json;

use crate::CALLBACK;
use crate::support::{App, Params, Pkce, RESOURCE, Server, Tokens};

fn question(app: &App, token: &str) -> Params {
    Params::new()
        .and("token", token)
        .and("client_id", &app.id)
        .and("client_secret", &app.secret)
}

#[tokio::test]
async fn a_resource_server_learns_for_whom_and_for_what_a_token_is() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, resource_server) = (
        owner.app("app", CALLBACK).await,
        owner.app("tools", CALLBACK).await,
    );
    let pkce = Pkce::rfc7636();
    let query = pkce
        .asked(app.authorization())
        .and("resource", RESOURCE)
        .and("scope", "tools.read");
    let code = owner.code(&query).await;
    let form = app
        .exchange(&code)
        .and("resource", RESOURCE)
        .and("code_verifier", &pkce.verifier);
    let tokens = Tokens::of(&server, &form).await;
    let answer = server
        .post_form(
            "/oauth2/introspect",
            &question(&resource_server, &tokens.access_token),
        )
        .await;
    let claims = answer.expect(200).json();
    assert_eq!(claims["client_id"], app.id);
    assert_eq!(claims["sub"], owner.user_id);
    assert_eq!(claims["iss"], server.url());
    assert!(claims["exp"].as_i64() > claims["iat"].as_i64(), "{claims}");
    insta::assert_json_snapshot!("introspection", claims, {
        ".client_id" => "[uuid]", ".sub" => "[uuid]", ".iss" => "https://issuer", ".exp" => "[time]", ".iat" => "[time]",
        ".jti" => "[id]",
    });
}

#[tokio::test]
async fn of_a_dead_or_unknown_token_only_that_is_said() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let dead = app.tokens(&owner).await;
    owner
        .delete(&format!("/oauth2/tokens?client_id={}", app.id))
        .await
        .expect(204);
    let alive = app.tokens(&owner).await;
    let forged = format!("{}{}", &alive.access_token[..11], "0".repeat(22));
    for token in [
        dead.access_token.as_str(),
        dead.refresh_token.as_str(),
        forged.as_str(),
        "what",
        owner.token.as_str(),
    ] {
        let answer = server
            .post_form("/oauth2/introspect", &question(&app, token))
            .await
            .expect(200);
        assert_eq!(answer.json(), json!({ "active": false }));
    }
}

#[tokio::test]
async fn introspection_needs_a_token_and_a_clients_secret() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&owner).await;
    let form = question(&app, &tokens.access_token);
    let missing = server
        .post_form("/oauth2/introspect", &form.clone().without("token"))
        .await;
    missing.expect_oauth2_error(400, "invalid_request", "token");
    for form in [
        form.clone().without("client_secret"),
        form.clone().with("client_secret", "coder_1234_4321"),
    ] {
        let answer = server.post_form("/oauth2/introspect", &form).await;
        answer.expect_oauth2_error(401, "invalid_client", "");
    }
    let anonymous = server
        .post_form(
            "/oauth2/introspect",
            &form.without("client_id").without("client_secret"),
        )
        .await;
    assert!(
        [400, 401].contains(&anonymous.status.as_u16()),
        "{anonymous:#?}"
    );
    assert_eq!(
        server
            .get("/oauth2/introspect")
            .await
            .expect(405)
            .header("allow"),
        "POST"
    );
}
