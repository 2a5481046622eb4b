//! A server in the test's own process, for tests of what happens between two steps of a request.

use std::net::SocketAddr;

use axum::http::Request;
use axum::http::request::Parts;
use chancery_operations::Guest;
use chancery_operations::authenticate::authenticate;
use chancery_postgres::testing::{self, TestDatabase};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use super::token_source::TokenSource;
use super::{AppState, RequestFacts, Session};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::secret::Secret;

const EMAIL: &str = "owner@example.com";
const PASSWORD: &str = "Correct-Horse-Battery-9";

/// The server, with a first user, and a clock that stands still.
pub struct InProcess {
    pub app: App,
    pub clock: Clock,
    pub database: TestDatabase,
    http: reqwest::Client,
}

impl InProcess {
    pub async fn start() -> Self {
        let database = testing::database().await;
        let url = Secret::new(database.options().to_url_lossy().to_string());
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = Config::new(address, Database::Url(url));
        config.clock = Clock::settable(DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000));
        let server = Self {
            clock: config.clock.clone(),
            app: App::start(config).await.unwrap(),
            database,
            http: reqwest::Client::new(),
        };
        let body = json!({ "email": EMAIL, "username": "owner", "password": PASSWORD });
        server.post("/users/first", "", &body).await;
        server
    }

    pub fn state(&self) -> &AppState {
        self.app.state()
    }

    /// POSTs JSON, and returns that of the answer, which must be a success.
    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let url = format!("http://{}/api/v2{path}", self.app.address());
        let request = self.http.post(url).header("Coder-Session-Token", token);
        let answer = request.json(body).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// Signs the first user in.
    pub async fn session(&self) -> (String, Session) {
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let answer = self.post("/users/login", "", &body).await;
        let token = answer["session_token"].as_str().unwrap().to_owned();
        let facts = RequestFacts::of(&parts()).plain();
        let guest = Guest::new(self.state().services.clone(), facts);
        let caller = authenticate(&guest, &Secret::new(&*token)).await.unwrap();
        let session = Session::of(caller, TokenSource::Explicit);
        (token, session)
    }
}

/// The head of a request that says nothing.
pub fn parts() -> Parts {
    Request::new(()).into_parts().0
}
