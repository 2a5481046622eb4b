//! What `/readyz` and the metrics say of the database and the read models.

use std::time::Duration;

use chancery_chaos::database::Database;
use chancery_chaos::proxy::{Proxy, Weather};
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::outage::{PATIENCE, assert_clear};
use crate::support::{Server, chancery};

const GROUPS: &str = "/api/v2/organizations/default/groups";
const POLL: Duration = Duration::from_millis(20);

/// What `/readyz` says, once it says something of this kind.
async fn told(server: &Server, wanted: impl Fn(u16, &Value) -> bool) -> Value {
    let asking = async {
        loop {
            let ready = server.get("/readyz").await;
            let body = ready.json();
            if wanted(ready.status.as_u16(), &body) {
                return body;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| panic!("not told; the server said:\n{}", server.logs()))
}

async fn assert_measured(server: &Server, line: &str) {
    let metrics = server.metrics().await;
    assert!(metrics.lines().any(|other| other == line), "{metrics}");
}

async fn last_position(database: &Database) -> i64 {
    let mut connection = database.connect().await.unwrap();
    sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_says_that_its_database_is_a_standby_and_that_the_failover_lost_history() {
    let primary = Database::start(None).await.unwrap();
    let proxy = Proxy::start(primary.socket()).await.unwrap();
    let url = primary.url(proxy.port());
    let server = Server::start_with(&[("CHANCERY_DATABASE_URL", &url)]).await;
    let owner = server.owner().await;
    let kept = json!({ "name": "kept" });
    owner.post(GROUPS, &kept).await.expect(201);
    let link = Proxy::start(primary.socket()).await.unwrap();
    let standby = primary.standby("standby", link.port()).await.unwrap();
    while last_position(&standby).await < last_position(&primary).await {
        tokio::time::sleep(POLL).await;
    }
    assert_measured(&server, "chancery_database_writable 1").await;
    assert_measured(&server, "chancery_ledger_history_losses 0").await;

    // It lags from here on.
    link.set(Weather::Refused);
    link.cut();
    let lost = json!({ "name": "lost" });
    owner.post(GROUPS, &lost).await.expect(201);
    proxy.redirect(standby.socket());
    let ready = told(&server, |status, body| {
        status == 503 && body["database"] == true
    })
    .await;
    assert_eq!(ready["read_only"], "PostgreSQL is a standby.");
    assert_eq!(ready["ready"], false);
    assert_measured(&server, "chancery_database_writable 0").await;
    assert_clear(&owner.post(GROUPS, &lost).await);

    sqlx::query("SELECT pg_promote(true, 60)")
        .execute(&mut standby.connect().await.unwrap())
        .await
        .unwrap();
    let ready = told(&server, |status, _| status == 200).await;
    assert_eq!(ready["read_only"], Value::Null);
    assert_eq!(ready["history_losses"], 1);
    assert_measured(&server, "chancery_database_writable 1").await;
    assert_measured(&server, "chancery_ledger_history_losses 1").await;
    // What was lost may be made again, what was kept may not.
    let made = tokio::time::timeout(PATIENCE, async {
        loop {
            let made = owner.post(GROUPS, &lost).await;
            if made.status != 503 {
                return made;
            }
            assert_clear(&made);
        }
    });
    made.await
        .expect("the server should serve again")
        .expect(201);
    owner.post(GROUPS, &kept).await.expect(409);
}

#[tokio::test]
async fn a_server_says_that_a_read_model_is_stopped_until_it_is_rebuilt() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut connection = server.database().options().connect().await.unwrap();
    // The tables are not as the program made them, so the next event cannot be applied.
    sqlx::query("ALTER TABLE projection_organization.groups RENAME COLUMN member_count TO members")
        .execute(&mut connection)
        .await
        .unwrap();
    owner.post(GROUPS, &json!({ "name": "council" })).await;
    let is_stopped = |_, body: &Value| body["stopped_projections"] == json!(["organization"]);
    let ready = told(&server, is_stopped).await;
    assert_eq!(ready["ready"], true);
    let failed = "chancery_projection_failed{projection=\"organization\"}";
    assert_measured(&server, &format!("{failed} 1")).await;

    let url = server.setting("CHANCERY_DATABASE_URL");
    let rebuilt = chancery(url, &["projections", "rebuild", "organization"]).await;
    assert_eq!(rebuilt.status, 0, "{rebuilt:?}");
    told(&server, |_, body| body["stopped_projections"] == json!([])).await;
    assert_measured(&server, &format!("{failed} 0")).await;
}
