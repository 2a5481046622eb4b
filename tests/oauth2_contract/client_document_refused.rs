use reqwest::Method;
use serde_json::{Value, json};

use crate::client_document::{SETTINGS, World};
use crate::support::{Answer, Params};

#[tokio::test]
async fn nobody_makes_the_server_fetch_without_being_signed_in() {
    let world = World::start().await;
    world.server.owner().await;
    let strangers = world
        .server
        .request(Method::GET, "/oauth2/authorize")
        .query(world.asked().pairs())
        .header("Accept", "text/html");
    Answer::to(strangers).await.expect(303);
    for form in [
        world.exchange("coder_aaaaaaaaaa_x"),
        Params::new().and("client_id", world.id()),
    ] {
        let refused = world.server.token(&form).await.expect(401);
        assert_eq!(refused.member("error"), "invalid_client");
    }
    assert_eq!(world.site.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_document_on_the_servers_own_network_is_not_fetched() {
    let world = World::with("192.0.2.0/24", "no-cache").await;
    let owner = world.server.owner().await;
    let (code, description) = world.refusal(&owner).await;
    assert_eq!(code, "invalid_client_metadata");
    assert!(
        description.contains("not on the public internet"),
        "{description}"
    );
    for id in [
        "https://127.0.0.1:1/a",
        "https://[::1]:1/a",
        "https://169.254.169.254/latest/meta-data",
    ] {
        let query = world.asked().with("client_id", id);
        let refused = owner.authorize(&query).await.expect(400);
        assert_eq!(refused.member("error_description"), description, "{id}");
    }
    assert_eq!(world.site.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_client_id_that_is_no_documents_url_is_refused_unfetched() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    for id in [
        "http://localhost/agent.json",
        "https://localhost",
        "https://localhost/a/../agent.json",
        "https://u:p@localhost/agent.json",
        "https://localhost/agent.json#x",
    ] {
        let refused = owner
            .authorize(&world.asked().with("client_id", id))
            .await
            .expect(400);
        assert_eq!(refused.member("error"), "invalid_request", "{id}");
        let form = world.exchange("code").with("client_id", id);
        assert_eq!(
            world.server.token(&form).await.expect(401).member("error"),
            "invalid_client"
        );
    }
    assert_eq!(world.site.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_document_that_lies_or_breaks_a_rule_admits_nobody() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    for (member, value) in [
        ("client_id", json!("https://localhost/other.json")),
        ("client_id", Value::Null),
        ("client_name", Value::Null),
        ("client_name", json!("Cl\u{202e}edua")),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(["http://evil.example/cb"])),
        ("redirect_uris", json!("http://localhost/callback")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("client_secret", json!("shared")),
    ] {
        world.show(|document| document[member] = value.clone());
        let (code, _) = world.refusal(&owner).await;
        assert_eq!(code, "invalid_client_metadata", "{member}: {value}");
    }
    *world.document.lock().unwrap() = None;
    let (_, description) = world.refusal(&owner).await;
    assert!(
        description.ends_with("it is answered with status 404"),
        "{description}"
    );
    let apps = owner.get("/api/v2/oauth2-provider/apps").await.expect(200);
    assert_eq!(apps.json(), json!([]));
}

#[tokio::test]
async fn documents_are_taken_of_listed_domains_only_or_not_at_all() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let set = async |settings: Value| owner.put(SETTINGS, &settings).await;
    set(json!({ "client_metadata_document_domains": ["client.example", "*.localhost"] }))
        .await
        .expect(200);
    let refused = (
        "unauthorized_client".to_owned(),
        "applications described at localhost are not trusted here".to_owned(),
    );
    assert_eq!(world.refusal(&owner).await, refused);
    assert_eq!(world.site.heads(), Vec::<String>::new());
    set(json!({ "client_metadata_document_domains": ["localhost"] }))
        .await
        .expect(200);
    world.walk_in(&owner).await;
    set(json!({ "client_metadata_documents_enabled": false }))
        .await
        .expect(200);
    assert_eq!(world.refusal(&owner).await, refused);
    let invalid =
        set(json!({ "client_metadata_document_domains": ["ok.example", "https://x"] })).await;
    assert_eq!(
        invalid.expect(400).fields(),
        ["client_metadata_document_domains[1]"]
    );
}

#[tokio::test]
async fn a_client_that_an_administrator_deleted_stays_out() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let tokens = world.walk_in(&owner).await;
    let app = world.app(&owner).await;
    let path = format!(
        "/api/v2/oauth2-provider/apps/{}",
        app["id"].as_str().unwrap()
    );
    owner.delete(&path).await.expect(204);
    assert_eq!(world.refusal(&owner).await.0, "unauthorized_client");
    let refresh = Params::new()
        .and("grant_type", "refresh_token")
        .and("client_id", world.id())
        .and("refresh_token", &tokens.refresh_token);
    world.server.token(&refresh).await.expect(401);
}
