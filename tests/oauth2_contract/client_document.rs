use std::sync::{Arc, Mutex};

use chancery_outbound::testing::{Server as Site, answer, json as sent};
use serde_json::{Value, json};

use crate::support::{App, Params, Pkce, RESOURCE, Server, Session, Tokens};

pub const SETTINGS: &str = "/api/v2/oauth2-provider/settings";
const CALLBACK: &str = "http://localhost:52311/callback";
const LOOPBACK: &str = "127.0.0.0/8,::1/128";

/// A site with a client's document, which a test may change, and a server that is let reach it.
pub struct World {
    pub site: Site,
    pub document: Arc<Mutex<Option<Value>>>,
    pub server: Server,
    /// Where the authority's certificate is, for as long as the server runs.
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn start() -> Self {
        Self::with(LOOPBACK, "no-cache").await
    }

    pub async fn with(networks: &str, cache_control: &str) -> Self {
        let document: Arc<Mutex<Option<Value>>> = Arc::default();
        let shown = Arc::clone(&document);
        let cache_control = format!("cache-control: {cache_control}");
        let site = Site::start(move |_| match &*shown.lock().unwrap() {
            Some(document) => sent(&[&cache_control], &document.to_string()),
            None => answer("404 Not Found", &[], ""),
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, &site.authority).unwrap();
        let server = Server::start_with(&[
            ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
            ("CHANCERY_OUTBOUND_ALLOWED_NETWORKS", networks),
            ("CHANCERY_OUTBOUND_CA_FILE", authority.to_str().unwrap()),
        ])
        .await;
        let world = Self {
            site,
            document,
            server,
            _folder: folder,
        };
        world.show(|_| {});
        world
    }

    pub fn id(&self) -> String {
        format!("https://localhost:{}/agent.json", self.site.port)
    }

    /// Shows the document of an agent, changed by `change`.
    pub fn show(&self, change: impl FnOnce(&mut Value)) {
        let mut document = json!({
            "client_id": self.id(),
            "client_name": "Agent",
            "redirect_uris": ["http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        change(&mut document);
        *self.document.lock().unwrap() = Some(document);
    }

    pub fn client(&self) -> App {
        App {
            id: self.id(),
            name: "Agent".to_owned(),
            secret_id: String::new(),
            secret: String::new(),
            callback_url: "http://localhost/callback".to_owned(),
        }
    }

    pub fn asked(&self) -> Params {
        let query = Pkce::rfc7636().asked(self.client().authorization());
        query
            .and("redirect_uri", CALLBACK)
            .and("resource", RESOURCE)
    }

    pub async fn walk_in(&self, owner: &Session<'_>) -> Tokens {
        let code = owner.code(&self.asked()).await;
        Tokens::of(&self.server, &self.exchange(&code)).await
    }

    pub fn exchange(&self, code: &str) -> Params {
        Params::new()
            .and("grant_type", "authorization_code")
            .and("client_id", self.id())
            .and("code", code)
            .and("redirect_uri", CALLBACK)
            .and("code_verifier", Pkce::rfc7636().verifier)
            .and("resource", RESOURCE)
    }

    /// The text of the refusal that the document gets, shown as a page and as JSON.
    pub async fn refusal(&self, owner: &Session<'_>) -> (String, String) {
        let page = owner.consent_page(&self.asked()).await.expect(400);
        assert_eq!(page.header("location"), "");
        let refused = owner.authorize(&self.asked()).await.expect(400);
        (refused.member("error"), refused.member("error_description"))
    }

    /// The app that stands for the client here.
    pub async fn app(&self, owner: &Session<'_>) -> Value {
        let apps = owner
            .get("/api/v2/oauth2-provider/apps")
            .await
            .expect(200)
            .json();
        apps.as_array()
            .unwrap()
            .iter()
            .find(|app| app["name"] != "tools")
            .unwrap()
            .clone()
    }
}

#[tokio::test]
async fn a_client_walks_in_by_its_document_and_its_tokens_name_it() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let tokens = world.walk_in(&owner).await;
    assert_eq!(tokens.expires_in, 3600);
    let refresh = Params::new()
        .and("grant_type", "refresh_token")
        .and("client_id", world.id())
        .and("refresh_token", &tokens.refresh_token);
    let tokens = Tokens::of(&world.server, &refresh).await;
    let tools = owner.app("tools", "https://tools.example.com/cb").await;
    let question = Params::new()
        .and("token", &tokens.access_token)
        .and("client_id", &tools.id)
        .and("client_secret", &tools.secret);
    let worth = world
        .server
        .post_form("/oauth2/introspect", &question)
        .await;
    assert_eq!(worth.expect(200).json()["client_id"], world.id());
    let revoke = Params::new()
        .and("token", &tokens.access_token)
        .and("client_id", world.id());
    world
        .server
        .post_form("/oauth2/revoke", &revoke)
        .await
        .expect(200);
    let worth = world
        .server
        .post_form("/oauth2/introspect", &question)
        .await;
    assert_eq!(worth.expect(200).json()["active"], false);
}

#[tokio::test]
async fn two_machines_with_one_client_id_do_not_end_each_others_tokens() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let laptop = world.walk_in(&owner).await;
    let desktop = world.walk_in(&owner).await;
    for tokens in [laptop, desktop] {
        let refresh = Params::new()
            .and("grant_type", "refresh_token")
            .and("client_id", world.id())
            .and("refresh_token", &tokens.refresh_token);
        Tokens::of(&world.server, &refresh).await;
    }
}

#[tokio::test]
async fn the_metadata_says_that_documents_are_taken() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let path = "/.well-known/oauth-authorization-server";
    let says = async || {
        server.get(path).await.expect(200).json()["client_id_metadata_document_supported"].clone()
    };
    assert_eq!(says().await, true);
    let off = json!({ "client_metadata_documents_enabled": false });
    owner.put(SETTINGS, &off).await.expect(200);
    assert_eq!(says().await, false);
}

#[tokio::test]
async fn the_consent_page_says_where_the_client_describes_itself_and_that_it_may_be_any_program() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let page = owner.consent_page(&world.asked()).await.expect(200);
    for shown in [
        r#"<strong id="client-host">localhost</strong>"#,
        r#"<strong id="redirect-host">localhost:52311</strong>"#,
        r#"id="local-note""#,
    ] {
        assert!(page.text.contains(shown), "{shown}: {page:#?}");
    }
}

#[tokio::test]
async fn a_document_that_changes_is_followed_and_leaves_a_trail() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let tokens = world.walk_in(&owner).await;
    world.show(|document| document["client_name"] = json!("Agent 2"));
    let page = owner.consent_page(&world.asked()).await.expect(200);
    assert!(page.text.contains("Authorize Agent 2?"), "{page:#?}");
    let app = world.app(&owner).await;
    assert_eq!(app["name"], "Agent 2");
    let entries = owner.audit("resource_type:oauth2_provider_app").await;
    let of_app: Vec<_> = entries
        .iter()
        .filter(|entry| entry["resource_id"] == app["id"])
        .map(|entry| {
            (
                entry["action"].clone(),
                entry["diff"]["client_id_url"]["new"].clone(),
            )
        })
        .collect();
    assert_eq!(
        of_app,
        [
            (json!("write"), Value::Null),
            (json!("create"), json!(world.id()))
        ]
    );
    let refresh = Params::new()
        .and("grant_type", "refresh_token")
        .and("client_id", world.id())
        .and("refresh_token", &tokens.refresh_token);
    Tokens::of(&world.server, &refresh).await;
}

#[tokio::test]
async fn a_redirect_uri_that_a_document_takes_back_or_adds_later_gets_no_earlier_code() {
    let world = World::start().await;
    let owner = world.server.owner().await;
    let code = owner.code(&world.asked()).await;
    world.show(|document| document["redirect_uris"] = json!(["https://evil.example/cb"]));
    let elsewhere = world
        .asked()
        .with("redirect_uri", "https://evil.example/cb");
    owner.consent_page(&elsewhere).await.expect(200);
    let (code_of_page, _) = world.refusal(&owner).await;
    assert_eq!(code_of_page, "invalid_request");
    let form = world
        .exchange(&code)
        .with("redirect_uri", "https://evil.example/cb");
    assert_eq!(
        world.server.token(&form).await.expect(400).member("error"),
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_document_is_fetched_once_while_its_server_lets_it_be_kept() {
    let world = World::with(LOOPBACK, "max-age=3600").await;
    let owner = world.server.owner().await;
    for _ in 0..3 {
        owner.consent_page(&world.asked()).await.expect(200);
    }
    world.walk_in(&owner).await;
    assert_eq!(world.site.heads().len(), 1);
}
