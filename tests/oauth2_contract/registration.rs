use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, Params, Pkce, RESOURCE, Server, Session, Tokens};

const SETTINGS: &str = "/api/v2/oauth2-provider/settings";
pub const LOOPBACK: &str = "http://localhost/callback";

/// Lets clients register, and returns the owner.
pub async fn open(server: &Server) -> Session<'_> {
    let owner = server.owner().await;
    let on = json!({ "dynamic_client_registration_enabled": true });
    owner.put(SETTINGS, &on).await.expect(200);
    owner
}

pub async fn register(server: &Server, metadata: &Value) -> Answer {
    let request = server.request(Method::POST, "/oauth2/register");
    Answer::to(request.json(metadata)).await
}

/// A client as it was answered, and what it uses.
pub struct Registered {
    pub answer: Value,
    pub app: App,
}

pub async fn registered(server: &Server, metadata: Value) -> Registered {
    let answer = register(server, &metadata).await.expect(201).json();
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let app = App {
        id: text("client_id"),
        name: text("client_name"),
        secret_id: String::new(),
        secret: text("client_secret"),
        callback_url: answer["redirect_uris"][0].as_str().unwrap().to_owned(),
    };
    Registered { answer, app }
}

/// A public client of a person's machine, as MCP clients register.
pub async fn agent(server: &Server) -> Registered {
    let metadata = json!({
        "client_name": "Agent (laptop)",
        "redirect_uris": [LOOPBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    });
    registered(server, metadata).await
}

/// Authorizes a public client at a loopback port of its own, and exchanges.
pub async fn walk_in(owner: &Session<'_>, app: &App) -> Tokens {
    let pkce = Pkce::rfc7636();
    let callback = "http://localhost:52311/callback";
    let query = pkce
        .asked(app.authorization())
        .and("redirect_uri", callback)
        .and("resource", RESOURCE);
    let code = owner.code(&query).await;
    let form = Params::new()
        .and("grant_type", "authorization_code")
        .and("client_id", &app.id)
        .and("code", &code)
        .and("redirect_uri", callback)
        .and("code_verifier", &pkce.verifier)
        .and("resource", RESOURCE);
    Tokens::of(owner.server, &form).await
}

#[tokio::test]
async fn while_it_is_off_nobody_registers_and_nothing_says_where() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let on = json!({ "dynamic_client_registration_enabled": true });
    let settings = owner.get(SETTINGS).await.expect(200).json();
    assert_eq!(settings["dynamic_client_registration_enabled"], false);
    let refused = register(&server, &json!({ "redirect_uris": [LOOPBACK] })).await;
    refused.expect_oauth2_error(
        403,
        "access_denied",
        "Dynamic client registration is disabled on this server",
    );
    let path = "/.well-known/oauth-authorization-server";
    let endpoint =
        async || server.get(path).await.expect(200).json()["registration_endpoint"].clone();
    assert_eq!(endpoint().await, Value::Null);
    owner.put(SETTINGS, &on).await.expect(200);
    assert_eq!(endpoint().await, server.at("/oauth2/register"));
}

#[tokio::test]
async fn an_agent_that_nobody_made_registers_and_gets_tokens_that_live_an_hour() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let Registered { answer, app } = agent(&server).await;
    insta::assert_json_snapshot!("registered_public", crate::with_issuer_replaced(&server, &answer), {
        ".client_id" => "[uuid]", ".client_id_issued_at" => "[time]", ".registration_access_token" => "[token]",
        ".registration_client_uri" => "[uri]",
    });
    assert_eq!(
        answer["registration_client_uri"],
        server.at(&format!("/oauth2/clients/{}", app.id))
    );
    let tokens = walk_in(&owner, &app).await;
    assert_eq!(tokens.expires_in, 3600);
    let refresh = Params::new()
        .and("grant_type", "refresh_token")
        .and("client_id", &app.id)
        .and("refresh_token", &tokens.refresh_token);
    assert_eq!(Tokens::of(&server, &refresh).await.expires_in, 3600);
}

#[tokio::test]
async fn what_a_client_leaves_out_is_filled_in_and_its_secret_works() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let callback = "https://app.example.com/callback";
    let client = registered(&server, json!({ "redirect_uris": [callback] })).await;
    insta::assert_json_snapshot!("registered_minimal", crate::with_issuer_replaced(&server, &client.answer), {
        ".client_id" => "[uuid]", ".client_id_issued_at" => "[time]", ".registration_access_token" => "[token]",
        ".registration_client_uri" => "[uri]", ".client_secret" => "[secret]",
    });
    let pkce = Pkce::rfc7636();
    let app = &client.app;
    let code = owner.code(&pkce.asked(app.authorization())).await;
    let form = app.exchange(&code).and("code_verifier", &pkce.verifier);
    let wrong = form.clone().with("client_secret", "coder_aaaaaaaaaa_wrong");
    server.token(&wrong).await.expect(401);
    Tokens::of(&server, &form).await;
}

#[tokio::test]
async fn a_stranger_that_registered_introspects_its_own_tokens_only() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let callback = "https://app.example.com/callback";
    let stranger = registered(&server, json!({ "redirect_uris": [callback] }))
        .await
        .app;
    let pkce = Pkce::rfc7636();
    let code = owner.code(&pkce.asked(stranger.authorization())).await;
    let form = stranger
        .exchange(&code)
        .and("code_verifier", &pkce.verifier);
    let own = Tokens::of(&server, &form).await;
    let app = owner.app("app", callback).await;
    let of_another = app.tokens(&owner).await;
    for (tokens, active) in [(own, true), (of_another, false)] {
        let question = Params::new()
            .and("token", &tokens.access_token)
            .and("client_id", &stranger.id)
            .and("client_secret", &stranger.secret);
        let worth = server.post_form("/oauth2/introspect", &question).await;
        assert_eq!(worth.expect(200).json()["active"], active);
    }
}

#[tokio::test]
async fn a_client_whose_id_is_gone_learns_how_to_come_back() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let app = agent(&server).await.app;
    let tokens = walk_in(&owner, &app).await;
    let path = format!("/api/v2/oauth2-provider/apps/{}", app.id);
    owner.delete(&path).await.expect(204);
    let refresh = Params::new()
        .and("grant_type", "refresh_token")
        .and("client_id", &app.id)
        .and("refresh_token", &tokens.refresh_token);
    let refused = server.token(&refresh).await;
    refused.expect_oauth2_error(401, "invalid_client", "The client credentials are invalid");
    let page = owner
        .request(Method::GET, "/oauth2/authorize")
        .query(app.authorization().pairs())
        .header("Accept", "text/html");
    let page = Answer::to(page).await.expect(401);
    assert!(page.text.contains("Register it again"), "{page:#?}");
}

#[tokio::test]
async fn an_administrator_sees_and_ends_a_client_that_registered_itself_and_does_not_change_it() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let app = agent(&server).await.app;
    let tokens = walk_in(&owner, &app).await;
    let path = format!("/api/v2/oauth2-provider/apps/{}", app.id);
    let shown = owner.get(&path).await.expect(200).json();
    assert_eq!(
        (&shown["name"], &shown["client_type"]),
        (&json!("Agent (laptop)"), &json!("public"))
    );
    let change = json!({ "name": "app", "callback_url": "https://app.example.com/cb" });
    owner.put(&path, &change).await.expect(400);
    let entries = owner
        .audit("resource_type:oauth2_provider_app action:create")
        .await;
    let entry = entries
        .iter()
        .find(|entry| entry["resource_id"] == json!(app.id))
        .unwrap();
    assert_eq!(entry["diff"]["dynamically_registered"]["new"], true);
    assert_eq!(entry["diff"]["registration_access_token"]["secret"], true);
    owner.delete(&path).await.expect(204);
    let form = Params::new()
        .and("grant_type", "refresh_token")
        .and("client_id", &app.id)
        .and("refresh_token", &tokens.refresh_token);
    server.token(&form).await.expect(401);
}

#[tokio::test]
async fn the_settings_are_the_owners_and_leave_a_trail() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let person = owner.person("person", &[&home]).await;
    person.get(SETTINGS).await.expect(403);
    let on = json!({ "dynamic_client_registration_enabled": true });
    person.put(SETTINGS, &on).await.expect(403);
    assert_eq!(
        owner.put(SETTINGS, &on).await.expect(200).json()["dynamic_client_registration_enabled"],
        true
    );
    let entries = owner.audit("resource_type:oauth2_provider_settings").await;
    assert_eq!(entries.len(), 1);
    let diff = &entries[0]["diff"]["dynamic_client_registration_enabled"];
    assert_eq!((&diff["old"], &diff["new"]), (&json!(false), &json!(true)));
    let same = owner.put(SETTINGS, &json!({})).await.expect(200).json();
    assert_eq!(same["dynamic_client_registration_enabled"], true);
    assert_eq!(
        owner
            .audit("resource_type:oauth2_provider_settings")
            .await
            .len(),
        1
    );
}
