//! A fresh deployment, made over HTTP as its administrator would: first user, sign-in, one app with one secret.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::{Value, json};

use crate::exchange::App;
use crate::http::Connection;
use crate::names;

const EMAIL: &str = "owner@bench.example";
const PASSWORD: &str = "correct-horse-battery-staple-9";
const REDIRECT_URI: &str = "http://127.0.0.1:9876/callback";

/// What the load needs to know of a deployment.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The app in whose name codes are exchanged.
    pub app: App,
    /// Id of the app's client secret, a UUID.
    pub secret_id: String,
    /// The organization that every user is a member of, a UUID.
    pub organization_id: String,
    /// The first user's session token.
    pub owner_session: String,
}

impl Deployment {
    /// One that no server has, for events that are only stored: its ids are made up, the same every time.
    pub fn unserved() -> Self {
        Self {
            app: App {
                host: String::new(),
                client_id: names::uuid("app", 0).to_string(),
                client_secret: String::new(),
                redirect_uri: REDIRECT_URI.to_owned(),
            },
            secret_id: names::uuid("secret", 0).to_string(),
            organization_id: names::uuid("organization", 0).to_string(),
            owner_session: String::new(),
        }
    }

    /// Makes one on the fresh server at `address`.
    pub async fn create(address: SocketAddr) -> anyhow::Result<Self> {
        let mut administrator = Administrator {
            connection: Connection::open(address).await?,
            host: address.to_string(),
            session: String::new(),
        };
        let first =
            json!({"email": EMAIL, "username": "owner", "password": PASSWORD, "trial": false});
        let first = administrator.post("/api/v2/users/first", &first).await?;
        let credentials = json!({"email": EMAIL, "password": PASSWORD});
        let login = administrator
            .post("/api/v2/users/login", &credentials)
            .await?;
        administrator.session = text(&login, "session_token")?;
        let app = json!({"name": "benchmark", "callback_url": REDIRECT_URI, "icon": ""});
        let app = administrator
            .post("/api/v2/oauth2-provider/apps", &app)
            .await?;
        let client_id = text(&app, "id")?;
        let secrets = format!("/api/v2/oauth2-provider/apps/{client_id}/secrets");
        let secret = administrator.post(&secrets, &json!({})).await?;
        Ok(Self {
            app: App {
                host: administrator.host,
                client_id,
                client_secret: text(&secret, "client_secret_full")?,
                redirect_uri: REDIRECT_URI.to_owned(),
            },
            secret_id: text(&secret, "id")?,
            organization_id: text(&first, "organization_id")?,
            owner_session: administrator.session,
        })
    }
}

struct Administrator {
    connection: Connection,
    host: String,
    session: String,
}

impl Administrator {
    async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = body.to_string();
        let session = match self.session.as_str() {
            "" => String::new(),
            session => format!("coder-session-token: {session}\r\n"),
        };
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\n{session}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        let answer = self.connection.send(request.as_bytes()).await?;
        anyhow::ensure!(
            answer.status == 201,
            "POST {path}: {} {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
        Ok(serde_json::from_slice(answer.body)?)
    }
}

fn text(value: &Value, field: &'static str) -> anyhow::Result<String> {
    let text = value.get(field).and_then(Value::as_str);
    Ok(text
        .with_context(|| format!("{field} is missing in the answer {value}"))?
        .to_owned())
}
