use std::net::SocketAddr;

use chancery::app::App;
use chancery::app::housekeeping::{Housekeeper, KEPT};
use chancery::clock::Clock;
use chancery::config::{Config, Database};
use chancery::secret::Secret;
use chancery_postgres::testing::{self, TestDatabase};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::support::{Answer, OWNER_EMAIL, PASSWORD};

/// A server in this process, on a clock that the test moves.
struct Server {
    app: App,
    clock: Clock,
    database: TestDatabase,
    http: reqwest::Client,
}

impl Server {
    async fn start() -> Self {
        let database = testing::database().await;
        let url = Secret::from(database.options().to_url_lossy().to_string());
        let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)), Database::Url(url));
        config.clock = Clock::settable(DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000));
        config.rate_limits.enabled = false;
        Self {
            clock: config.clock.clone(),
            app: App::start(config).await.unwrap(),
            database,
            http: reqwest::Client::new(),
        }
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        let url = format!("http://{}/api/v2{path}", self.app.address());
        let request = self.http.request(method, url).json(body);
        Answer::to(request.header("Coder-Session-Token", token)).await
    }

    async fn sign_in(&self) -> String {
        let body = json!({ "email": OWNER_EMAIL, "password": PASSWORD });
        let answer = self.send(Method::POST, "/users/login", "", &body).await;
        answer.expect(201).member("session_token")
    }

    /// The names of the tokens, sorted: made at one time, they have no other order.
    async fn tokens(&self, session: &str) -> Vec<String> {
        let path = "/users/me/keys/tokens";
        let answer = self.send(Method::GET, path, session, &json!({})).await;
        let mut names = answer.expect(200).each("token_name");
        names.sort_unstable();
        names
    }

    async fn make_token(&self, session: &str, name: &str, lifetime: TimeDelta) {
        let body = json!({ "token_name": name, "lifetime": lifetime.num_nanoseconds() });
        let path = "/users/me/keys/tokens";
        let answer = self.send(Method::POST, path, session, &body).await;
        answer.expect(201);
    }

    /// The ends of keys in the record: why, and who.
    async fn ends(&self) -> Vec<(String, String)> {
        sqlx::query_as(
            "SELECT payload ->> 'reason', metadata ->> 'actor_kind' FROM events \
             WHERE event_type = 'api_key_deleted' ORDER BY position",
        )
        .fetch_all(&self.database.pool().await)
        .await
        .unwrap()
    }

    /// The keys with a stamp of their last use.
    async fn stamped(&self) -> Vec<String> {
        self.app.state().services.write_stamps().await.unwrap();
        sqlx::query_scalar("SELECT key_id FROM api_key_last_used ORDER BY key_id")
            .fetch_all(&self.database.pool().await)
            .await
            .unwrap()
    }
}

fn id_of(key: &str) -> String {
    key.split_once('-').unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_deleted_by_the_server_a_week_after_they_expired_and_not_before() {
    let server = Server::start().await;
    let body = json!({
        "email": OWNER_EMAIL, "username": "owner", "name": "", "password": PASSWORD,
    });
    let first = server.send(Method::POST, "/users/first", "", &body).await;
    first.expect(201);
    let old = server.sign_in().await;
    server.make_token(&old, "brief", TimeDelta::days(1)).await;
    server
        .make_token(&old, "lasting", TimeDelta::days(60))
        .await;
    assert_eq!(server.stamped().await, [id_of(&old)]);

    // Everything but the lasting token has expired, and stays in lists.
    server.clock.advance(KEPT);
    let session = server.sign_in().await;
    let mut housekeeper = Housekeeper::default();
    housekeeper
        .tidy(&server.app.state().services)
        .await
        .unwrap();
    assert_eq!(server.ends().await, []);
    assert_eq!(server.tokens(&session).await, ["brief", "lasting"]);

    server.clock.advance(TimeDelta::days(2));
    let session = server.sign_in().await;
    assert_eq!(server.tokens(&session).await, ["brief", "lasting"]);
    housekeeper
        .tidy(&server.app.state().services)
        .await
        .unwrap();
    let expired = ("expired".to_owned(), "system".to_owned());
    assert_eq!(server.ends().await, [expired.clone(), expired]);
    assert_eq!(server.tokens(&session).await, ["lasting"]);
    // The name is free, and once is enough.
    server
        .make_token(&session, "brief", TimeDelta::days(1))
        .await;
    housekeeper
        .tidy(&server.app.state().services)
        .await
        .unwrap();
    assert_eq!(server.ends().await.len(), 2);

    let path = "/audit?q=resource_type:api_key%20action:delete";
    let trail = server.send(Method::GET, path, &session, &json!({})).await;
    let trail = trail.expect(200).json();
    assert_eq!(trail["count"], 1, "{trail}");
    let entry = &trail["audit_logs"][0];
    assert_eq!(entry["resource_target"], "brief");
    assert_eq!(entry["additional_fields"]["reason"], "expired");
    assert_eq!(entry["user"], Value::Null);

    // Stamps go with their keys; those of keys that are good stay.
    Housekeeper::default()
        .tidy(&server.app.state().services)
        .await
        .unwrap();
    let left = server.stamped().await;
    assert!(!left.contains(&id_of(&old)) && left.contains(&id_of(&session)));
    server.app.stop().await.unwrap();
}
