use crate::CALLBACK;
use crate::support::{Answer, App, Params, RESOURCE, Server, Session, Tokens};
use reqwest::Method;

const OTHER: &str = "https://other.example.com/mcp";

async fn code_for(owner: &Session<'_>, app: &App, resource: Option<&str>) -> String {
    let query = app.authorization();
    owner
        .code(&resource.map_or(query.clone(), |resource| query.and("resource", resource)))
        .await
}

async fn audience_of(server: &Server, app: &App, token: &str) -> serde_json::Value {
    let form = Params::new()
        .and("token", token)
        .and("client_id", &app.id)
        .and("client_secret", &app.secret);
    server
        .post_form("/oauth2/introspect", &form)
        .await
        .expect(200)
        .json()["aud"]
        .clone()
}

#[tokio::test]
async fn the_resource_becomes_the_audience_and_a_refresh_keeps_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = code_for(&owner, &app, Some(RESOURCE)).await;
    let first = Tokens::of(&server, &app.exchange(&code).and("resource", RESOURCE)).await;
    assert_eq!(
        audience_of(&server, &app, &first.access_token).await,
        RESOURCE
    );
    let second = Tokens::of(&server, &app.refresh(&first.refresh_token)).await;
    assert_eq!(
        audience_of(&server, &app, &second.access_token).await,
        RESOURCE
    );
    let third = Tokens::of(
        &server,
        &app.refresh(&second.refresh_token).and("resource", RESOURCE),
    )
    .await;
    assert_eq!(
        audience_of(&server, &app, &third.access_token).await,
        RESOURCE
    );
}

#[tokio::test]
async fn the_exchange_names_exactly_the_authorized_resource() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cases = [
        ("ResourceInAuthOnly", Some(RESOURCE), None),
        ("ResourceInTokenOnly", None, Some(RESOURCE)),
        ("ResourceMismatch", Some(RESOURCE), Some(OTHER)),
        (
            "ResourceSlash",
            Some(RESOURCE),
            Some("https://tools.example.com/mcp/"),
        ),
    ];
    for (case, asked, sent) in cases {
        let code = code_for(&owner, &app, asked).await;
        let form = app.exchange(&code);
        let form = sent.map_or(form.clone(), |resource| form.and("resource", resource));
        let answer = server.token(&form).await;
        assert_eq!(answer.status, 400, "{case}");
        answer.expect_oauth2_error(400, "invalid_target", "The resource parameter is invalid");
        let right = app.exchange(&code);
        let right = asked.map_or(right.clone(), |resource| right.and("resource", resource));
        server.token(&right).await.expect(200);
    }
}

#[tokio::test]
async fn a_root_resource_is_the_same_with_and_without_its_slash() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    for (asked, sent) in [
        ("https://tools.example.com", "https://tools.example.com/"),
        ("https://tools.example.com/", "https://tools.example.com"),
    ] {
        let code = code_for(&owner, &app, Some(asked)).await;
        server
            .token(&app.exchange(&code).and("resource", sent))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_refresh_for_another_resource_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = code_for(&owner, &app, Some(RESOURCE)).await;
    let bound = Tokens::of(&server, &app.exchange(&code).and("resource", RESOURCE)).await;
    let refused = server
        .token(&app.refresh(&bound.refresh_token).and("resource", OTHER))
        .await;
    refused.expect_oauth2_error(400, "invalid_target", "The resource parameter is invalid");
    server
        .token(&app.refresh(&bound.refresh_token))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_token_for_another_resource_does_not_open_the_api() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = code_for(&owner, &app, Some(RESOURCE)).await;
    let tokens = Tokens::of(&server, &app.exchange(&code).and("resource", RESOURCE)).await;
    let request = server
        .request(Method::GET, "/api/v2/users/me")
        .bearer_auth(&tokens.access_token);
    let answer = Answer::to(request).await.expect(403);
    assert_eq!(answer.member("message"), "Token audience validation failed");
    assert!(
        answer.header("www-authenticate").contains("audience"),
        "{answer:#?}"
    );
}

#[tokio::test]
async fn the_host_header_cannot_make_another_resource_of_the_api() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let resource = "http://tools.example.com";
    let code = code_for(&owner, &app, Some(resource)).await;
    let tokens = Tokens::of(&server, &app.exchange(&code).and("resource", resource)).await;
    let request = server
        .request(Method::GET, "/api/v2/users/me")
        .header("Host", "tools.example.com")
        .bearer_auth(&tokens.access_token);
    let answer = Answer::to(request).await.expect(403);
    assert_eq!(answer.member("message"), "Token audience validation failed");
}

#[tokio::test]
async fn a_token_for_the_server_itself_opens_the_api_however_its_url_is_spelled() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let (url, port) = (server.url(), server.address().port());
    for own in [
        url.clone(),
        format!("{url}/"),
        format!("HTTP://127.0.0.1:{port}"),
        format!("{url}/a/.."),
    ] {
        let code = code_for(&owner, &app, Some(&own)).await;
        let tokens = Tokens::of(&server, &app.exchange(&code).and("resource", &own)).await;
        assert_eq!(tokens.status(&server).await, 200, "{own}");
    }
}

async fn tokens_for(owner: &Session<'_>, app: &App, resource: Option<&str>) -> Tokens {
    let code = code_for(owner, app, resource).await;
    let form = app.exchange(&code);
    let form = resource.map_or(form.clone(), |resource| form.and("resource", resource));
    Tokens::of(owner.server, &form).await
}

async fn is_active(server: &Server, app: &App, tokens: &Tokens) -> bool {
    let form = Params::new()
        .and("token", &tokens.access_token)
        .and("client_id", &app.id)
        .and("client_secret", &app.secret);
    let answer = server.post_form("/oauth2/introspect", &form).await;
    answer.expect(200).json()["active"] == true
}

#[tokio::test]
async fn consenting_at_a_second_resource_leaves_the_tokens_of_the_first() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let first = tokens_for(&owner, &app, Some(RESOURCE)).await;
    let second = tokens_for(&owner, &app, Some(OTHER)).await;
    let unbound = tokens_for(&owner, &app, None).await;
    for tokens in [&first, &second, &unbound] {
        assert!(is_active(&server, &app, tokens).await);
        let refreshed = Tokens::of(&server, &app.refresh(&tokens.refresh_token)).await;
        assert!(is_active(&server, &app, &refreshed).await);
    }
}

#[tokio::test]
async fn consenting_again_at_a_resource_ends_the_earlier_tokens_for_it_however_it_is_spelled() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let bystander = tokens_for(&owner, &app, Some(OTHER)).await;
    let mut earlier = tokens_for(&owner, &app, Some(RESOURCE)).await;
    for spelling in [RESOURCE, "HTTPS://Tools.Example.com:443/mcp/"] {
        let later = tokens_for(&owner, &app, Some(spelling)).await;
        assert!(!is_active(&server, &app, &earlier).await, "{spelling}");
        let refused = server.token(&app.refresh(&earlier.refresh_token)).await;
        refused.expect_oauth2_error(
            400,
            "invalid_grant",
            "The refresh token is invalid or expired",
        );
        assert!(is_active(&server, &app, &later).await, "{spelling}");
        earlier = later;
    }
    assert!(is_active(&server, &app, &bystander).await);
}

#[tokio::test]
async fn without_a_resource_one_grant_of_a_user_and_app_lives() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let bound = tokens_for(&owner, &app, Some(RESOURCE)).await;
    let first = tokens_for(&owner, &app, None).await;
    let second = tokens_for(&owner, &app, None).await;
    assert!(!is_active(&server, &app, &first).await);
    assert!(is_active(&server, &app, &second).await);
    assert!(is_active(&server, &app, &bound).await);
}

#[tokio::test]
async fn taking_back_what_an_app_was_given_ends_its_tokens_for_every_resource() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let mut given = Vec::new();
    for resource in [Some(RESOURCE), Some(OTHER), None] {
        given.push(tokens_for(&owner, &app, resource).await);
    }
    let path = format!("/oauth2/tokens?client_id={}", app.id);
    owner.delete(&path).await.expect(204);
    for tokens in &given {
        assert!(!is_active(&server, &app, tokens).await);
    }
}
