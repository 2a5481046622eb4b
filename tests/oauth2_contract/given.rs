use reqwest::Method;
use serde_json::{Value, json};

use crate::CALLBACK;
use crate::registration::{agent, open};
use crate::support::{Answer, App, Params, RESOURCE, Server, Session, Tokens};

const MINE: &str = "/api/v2/users/me/oauth2-grants";

async fn given(person: &Session<'_>) -> Vec<Value> {
    let list = person.get(MINE).await.expect(200).json();
    list.as_array().unwrap().clone()
}

async fn tokens_for(person: &Session<'_>, app: &App, resource: &str) -> Tokens {
    let query = app
        .authorization()
        .and("resource", resource)
        .and("scope", "tools.read");
    let code = person.code(&query).await;
    Tokens::of(
        person.server,
        &app.exchange(&code).and("resource", resource),
    )
    .await
}

async fn is_refreshed(server: &Server, app: &App, tokens: &Tokens) -> bool {
    let answer = server.token(&app.refresh(&tokens.refresh_token)).await;
    answer.status.is_success()
}

#[tokio::test]
async fn a_person_sees_which_app_may_do_what_where() {
    let server = Server::start().await;
    let owner = open(&server).await;
    let app = owner.app("app", CALLBACK).await;
    app.tokens(&owner).await;
    let bound = tokens_for(&owner, &app, RESOURCE).await;
    let listed = given(&owner).await;
    assert_eq!(listed.len(), 2);
    insta::assert_json_snapshot!("given", listed[0], {
        ".id" => "[id]", ".app.id" => "[uuid]", ".app.client_id" => "[uuid]", ".created_at" => "[time]", ".expires_at" => "[time]",
    });
    assert_eq!(listed[0]["id"], bound.access_token[..10]);
    assert_eq!(
        (&listed[1]["resource"], &listed[1]["scope"]),
        (&Value::Null, &json!(""))
    );
    let itself = agent(&server).await.app;
    crate::registration::walk_in(&owner, &itself).await;
    let newest = &given(&owner).await[0]["app"];
    assert_eq!(
        (&newest["registered_by"], &newest["client_id"]),
        (&json!("itself"), &json!(itself.id))
    );
}

#[tokio::test]
async fn taking_one_back_leaves_the_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let first = tokens_for(&owner, &app, RESOURCE).await;
    let second = tokens_for(&owner, &app, "https://other.example.com/mcp").await;
    let path = format!("{MINE}/{}", &first.access_token[..10]);
    owner.delete(&path).await.expect(204);
    assert_eq!(given(&owner).await.len(), 1);
    assert!(!is_refreshed(&server, &app, &first).await);
    assert!(is_refreshed(&server, &app, &second).await);
    owner.delete(&path).await.expect(204);
    owner
        .delete(&format!("{MINE}/nothing000"))
        .await
        .expect(404);
}

#[tokio::test]
async fn taking_everything_back_ends_codes_and_tokens_of_every_app() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let tokens = [
        tokens_for(&owner, &app, RESOURCE).await,
        other.tokens(&owner).await,
    ];
    let code = owner.code(&app.authorization()).await;
    owner.delete(MINE).await.expect(204);
    assert_eq!(given(&owner).await, Vec::<Value>::new());
    assert!(!is_refreshed(&server, &app, &tokens[0]).await);
    assert!(!is_refreshed(&server, &other, &tokens[1]).await);
    server.token(&app.exchange(&code)).await.expect(400);
}

#[tokio::test]
async fn nobody_takes_back_what_another_gave() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let (ada, bob) = (
        owner.person("ada", &[&home]).await,
        owner.person("bob", &[&home]).await,
    );
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&ada).await;
    let grant = &tokens.access_token[..10];
    bob.delete(&format!("{MINE}/{grant}")).await.expect(404);
    bob.get("/api/v2/users/ada/oauth2-grants").await.expect(404);
    bob.delete("/api/v2/users/ada/oauth2-grants")
        .await
        .expect(404);
    assert_eq!(given(&bob).await, Vec::<Value>::new());
    assert!(is_refreshed(&server, &app, &tokens).await);
    let seen = owner
        .get("/api/v2/users/ada/oauth2-grants")
        .await
        .expect(200);
    assert_eq!(seen.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_new_password_or_the_end_of_an_app_ended_is_not_listed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    app.tokens(&owner).await;
    owner
        .delete(&format!("/api/v2/oauth2-provider/apps/{}", app.id))
        .await
        .expect(204);
    assert_eq!(given(&owner).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_page_shows_what_was_given_and_takes_it_back() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = tokens_for(&owner, &app, RESOURCE).await;
    let page = owner.get("/account/apps").await.expect(200);
    for shown in [
        "Apps that act for owner",
        "<strong>app</strong>",
        RESOURCE,
        "tools.read",
    ] {
        assert!(page.text.contains(shown), "{shown}: {page:#?}");
    }
    let form = async |form: Params| {
        let request = owner.request(Method::POST, "/account/apps");
        Answer::to(request.form(form.pairs())).await
    };
    form(Params::new()).await.expect(400);
    assert!(is_refreshed(&server, &app, &tokens).await);
    form(Params::new().and("grant", &tokens.access_token[..10]))
        .await
        .expect(303);
    assert!(!is_refreshed(&server, &app, &tokens).await);
    app.tokens(&owner).await;
    form(Params::new().and("everything", "yes"))
        .await
        .expect(303);
    let page = owner.get("/account/apps").await.expect(200);
    assert!(page.text.contains("There are none."), "{page:#?}");
}

#[tokio::test]
async fn the_page_is_for_those_who_are_signed_in_and_a_form_of_another_site_does_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&owner).await;
    let away = server.get("/account/apps").await.expect(303);
    assert!(away.header("location").starts_with("/login?"), "{away:#?}");
    let forged = server
        .request(Method::POST, "/account/apps")
        .header("Cookie", format!("coder_session_token={}", owner.token))
        .form(&[("everything", "yes")]);
    Answer::to(forged).await.expect(403);
    assert!(is_refreshed(&server, &app, &tokens).await);
}
