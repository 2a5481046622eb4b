//! What clients ask, each recorded with its answer.

mod credentials;
mod groups;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::history::{Act, Answer, Entry, History, Unclear};

const CALLBACK: &str = "https://app.example.com/callback";
const EMAIL: &str = "owner@example.com";
const PASSWORD: &str = "Correct-Horse-Battery-9";
const GROUPS: &str = "/api/v2/organizations/default/groups";
/// Longer than any request may take in the server.
const PATIENCE: Duration = Duration::from_secs(45);

/// A secret text and the label by which histories name it.
#[derive(Clone)]
pub struct Secret {
    /// The label.
    pub label: String,
    text: String,
}

/// What an exchange or a refresh hands out.
#[derive(Clone)]
pub struct Token {
    /// The access token.
    pub access: Secret,
    /// The refresh token.
    pub refresh: Secret,
}

/// A group.
#[derive(Clone)]
pub struct Group {
    /// The label, which is its name.
    pub label: String,
    id: String,
}

/// The servers' clients: an owner's session, an app, and what is recorded of all they do.
pub struct Api {
    http: Client,
    servers: Vec<SocketAddr>,
    session: String,
    client_id: String,
    client_secret: String,
    numbers: AtomicU64,
    last: AtomicBool,
    /// What was done.
    pub history: Arc<History>,
}

/// An answer as it came.
struct Reply {
    status: u16,
    location: String,
    body: Value,
}

impl Api {
    /// Makes the first user and an app on fresh servers.
    pub async fn set_up(servers: Vec<SocketAddr>) -> anyhow::Result<Self> {
        let mut api = Self {
            http: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(PATIENCE)
                .build()?,
            servers,
            session: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            numbers: AtomicU64::new(0),
            last: AtomicBool::new(false),
            history: Arc::default(),
        };
        let first =
            json!({ "email": EMAIL, "username": "owner", "name": "Owner", "password": PASSWORD });
        api.must(
            api.request(0, Method::POST, "/api/v2/users/first")
                .json(&first),
        )
        .await?;
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let reply = api
            .must(
                api.request(0, Method::POST, "/api/v2/users/login")
                    .json(&login),
            )
            .await?;
        api.session = text(&reply, "session_token");
        let app = json!({ "name": "app", "callback_url": CALLBACK, "allow_multiple_grants": true });
        let apps = "/api/v2/oauth2-provider/apps";
        api.client_id = text(
            &api.must(api.signed(0, Method::POST, apps).json(&app))
                .await?,
            "id",
        );
        let secrets = format!("{apps}/{}/secrets", api.client_id);
        let reply = api
            .must(api.signed(0, Method::POST, &secrets).json(&json!({})))
            .await?;
        api.client_secret = text(&reply, "client_secret_full");
        Ok(api)
    }

    async fn must(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let response = request.send().await?;
        let status = response.status();
        let body = response.text().await?;
        anyhow::ensure!(status.is_success(), "{status}: {body}");
        serde_json::from_str(&body).context("not JSON")
    }

    fn request(&self, server: usize, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.servers[server]))
    }

    fn signed(&self, server: usize, method: Method, path: &str) -> RequestBuilder {
        self.request(server, method, path)
            .header("Coder-Session-Token", &self.session)
    }

    /// How many servers there are.
    pub fn servers(&self) -> usize {
        self.servers.len()
    }

    /// From now on look-ups are those after everything has recovered, or no longer.
    pub fn set_last(&self, last: bool) {
        self.last.store(last, Ordering::Relaxed);
    }

    fn label(&self, kind: &str) -> String {
        format!("{kind} {}", self.numbers.fetch_add(1, Ordering::Relaxed))
    }

    fn note(&self, act: Act, answer: Answer) {
        let now = self.history.now();
        self.history.record(Entry {
            began: now,
            ended: now,
            server: 0,
            act,
            answer,
            last: false,
        });
    }

    /// Sends a request and records what came of it. `judge` says what an answer below 500 means.
    async fn act(
        &self,
        server: usize,
        act: Act,
        request: RequestBuilder,
        judge: impl Fn(&Reply) -> Answer,
    ) -> Option<Reply> {
        let began = self.history.now();
        let reply = send(request).await;
        let (answer, reply) = match reply {
            Err(unclear) => (Answer::Unclear(unclear), None),
            Ok(reply) => (judge(&reply), Some(reply)),
        };
        let done = matches!(answer, Answer::Done | Answer::Shows(_));
        self.history.record(Entry {
            began,
            ended: self.history.now(),
            server,
            act,
            answer,
            last: self.last.load(Ordering::Relaxed),
        });
        reply.filter(|_| done)
    }
}

async fn send(request: RequestBuilder) -> Result<Reply, Unclear> {
    let response = request.send().await.map_err(|_| Unclear::Broken)?;
    let status = response.status().as_u16();
    let header = |name: &str| {
        let value = response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    match status {
        503 if !header("retry-after").is_empty() => return Err(Unclear::ComeAgain),
        500.. => return Err(Unclear::Rude(status)),
        _ => {}
    }
    let location = header("location");
    let body = response.text().await.map_err(|_| Unclear::Broken)?;
    Ok(Reply {
        status,
        location,
        body: serde_json::from_str(&body).unwrap_or_default(),
    })
}

fn written(reply: &Reply) -> Answer {
    match reply.status {
        200..400 => Answer::Done,
        status => Answer::Refused(status),
    }
}

fn read(reply: &Reply, gone: u16) -> Answer {
    match reply.status {
        200..400 => Answer::Shows(None),
        status if status == gone => Answer::Gone,
        status => Answer::Refused(status),
    }
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap_or_default().to_owned()
}
