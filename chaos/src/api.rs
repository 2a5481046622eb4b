//! What clients ask, each recorded with its answer.

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

    /// Signs in.
    pub async fn sign_in(&self, server: usize) -> Option<Secret> {
        let label = self.label("session");
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let request = self
            .request(server, Method::POST, "/api/v2/users/login")
            .json(&login);
        let act = Act::Create {
            thing: label.clone(),
        };
        let reply = self.act(server, act, request, written).await?;
        Some(Secret {
            label,
            text: text(&reply.body, "session_token"),
        })
    }

    /// Signs out.
    pub async fn sign_out(&self, server: usize, session: &Secret) -> bool {
        let request = self
            .request(server, Method::POST, "/api/v2/users/logout")
            .header("Coder-Session-Token", &session.text);
        let act = Act::End {
            thing: session.label.clone(),
        };
        // Somebody whose session is over is signed out.
        let judge = |reply: &Reply| {
            if reply.status == 401 {
                Answer::Gone
            } else {
                written(reply)
            }
        };
        self.act(server, act, request, judge).await.is_some()
    }

    /// Uses a session.
    pub async fn read_session(&self, server: usize, session: &Secret) {
        let request = self
            .request(server, Method::GET, "/api/v2/users/me")
            .header("Coder-Session-Token", &session.text);
        let act = Act::Read {
            thing: session.label.clone(),
        };
        self.act(server, act, request, |reply| read(reply, 401))
            .await;
    }

    /// Gets a code.
    pub async fn authorize(&self, server: usize) -> Option<Secret> {
        let label = self.label("code");
        let query = [
            ("client_id", &*self.client_id),
            ("response_type", "code"),
            ("state", "chaos"),
        ];
        let request = self
            .signed(server, Method::POST, "/oauth2/authorize")
            .query(&query);
        let act = Act::Create {
            thing: label.clone(),
        };
        let reply = self.act(server, act, request, written).await?;
        let location = url::Url::parse(&reply.location).ok()?;
        let code = location
            .query_pairs()
            .find(|(name, _)| name == "code")?
            .1
            .into_owned();
        Some(Secret { label, text: code })
    }

    /// Exchanges a code.
    pub async fn exchange(&self, server: usize, code: &Secret) -> Option<Token> {
        self.spend(
            server,
            code,
            [("grant_type", "authorization_code"), ("code", &code.text)],
        )
        .await
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, server: usize, token: &Token) -> Option<Token> {
        let refresh = &token.refresh;
        self.spend(
            server,
            refresh,
            [
                ("grant_type", "refresh_token"),
                ("refresh_token", &refresh.text),
            ],
        )
        .await
    }

    async fn spend(
        &self,
        server: usize,
        secret: &Secret,
        form: [(&str, &str); 2],
    ) -> Option<Token> {
        let (access, refresh) = (self.label("token"), self.label("refresh token"));
        let client = [
            ("client_id", &*self.client_id),
            ("client_secret", &*self.client_secret),
        ];
        let form = [&form[..], &client[..]].concat();
        let request = self
            .request(server, Method::POST, "/oauth2/tokens")
            .form(&form);
        let act = Act::Spend {
            secret: secret.label.clone(),
            thing: access.clone(),
        };
        let body = self.act(server, act, request, written).await?.body;
        self.note(
            Act::Create {
                thing: refresh.clone(),
            },
            Answer::Done,
        );
        Some(Token {
            access: Secret {
                label: access,
                text: text(&body, "access_token"),
            },
            refresh: Secret {
                label: refresh,
                text: text(&body, "refresh_token"),
            },
        })
    }

    /// Notes that a thing may end from now on, though nobody said so: its code or refresh token is used again.
    pub fn may_end(&self, thing: &str) {
        let thing = thing.to_owned();
        self.note(Act::End { thing }, Answer::Unclear(Unclear::Broken));
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

    /// Revokes a token.
    pub async fn revoke(&self, server: usize, token: &Token) -> bool {
        let form = [
            ("token", &*token.access.text),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ];
        let request = self
            .request(server, Method::POST, "/oauth2/revoke")
            .form(&form);
        let act = Act::End {
            thing: token.access.label.clone(),
        };
        self.act(server, act, request, written).await.is_some()
    }

    /// Uses a token.
    pub async fn read_token(&self, server: usize, token: &Token) {
        let request = self
            .request(server, Method::GET, "/api/v2/users/me")
            .bearer_auth(&token.access.text);
        let act = Act::Read {
            thing: token.access.label.clone(),
        };
        self.act(server, act, request, |reply| read(reply, 401))
            .await;
    }

    /// Creates a group.
    pub async fn create_group(&self, server: usize) -> Option<Group> {
        let label = self.label("group");
        let body = json!({ "name": label.replace(' ', "-") });
        let request = self.signed(server, Method::POST, GROUPS).json(&body);
        let act = Act::Create {
            thing: label.clone(),
        };
        let reply = self.act(server, act, request, written).await?;
        Some(Group {
            label,
            id: text(&reply.body, "id"),
        })
    }

    /// Changes a group's display name.
    pub async fn change_group(&self, server: usize, group: &Group) -> bool {
        let value = self.label("value");
        let path = format!("/api/v2/groups/{}", group.id);
        let request = self
            .signed(server, Method::PATCH, &path)
            .json(&json!({ "display_name": value }));
        let act = Act::Change {
            thing: group.label.clone(),
            value,
        };
        self.act(server, act, request, written).await.is_some()
    }

    /// Deletes a group.
    pub async fn delete_group(&self, server: usize, group: &Group) -> bool {
        let request = self.signed(
            server,
            Method::DELETE,
            &format!("/api/v2/groups/{}", group.id),
        );
        let act = Act::End {
            thing: group.label.clone(),
        };
        self.act(server, act, request, written).await.is_some()
    }

    /// Reads a group.
    pub async fn read_group(&self, server: usize, group: &Group) {
        let request = self.signed(server, Method::GET, &format!("/api/v2/groups/{}", group.id));
        let act = Act::Read {
            thing: group.label.clone(),
        };
        let judge = |reply: &Reply| match read(reply, 404) {
            Answer::Shows(_) => Answer::Shows(Some(text(&reply.body, "display_name"))),
            other => other,
        };
        self.act(server, act, request, judge).await;
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
