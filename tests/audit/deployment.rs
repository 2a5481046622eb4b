use serde_json::Value;

use crate::support::Server;
use crate::{CALLBACK, audit};

async fn names(server: &Server, schema: &str) -> Vec<String> {
    let query = format!(
        "SELECT state->>'name' FROM {schema}.states WHERE type = 'oauth2_app' ORDER BY name_key"
    );
    sqlx::query_scalar(&query)
        .fetch_all(server.pool())
        .await
        .unwrap()
}

async fn head(server: &Server) -> i64 {
    sqlx::query_scalar("SELECT position FROM ledger_head")
        .fetch_one(server.pool())
        .await
        .unwrap()
}

async fn dump(server: &Server, at: i64) -> Vec<Value> {
    let before = audit(
        server,
        &["replay", "--all", "--at", &at.to_string(), "--json"],
    )
    .await;
    before.json()
}

#[tokio::test]
async fn the_whole_deployment_is_replayed_into_a_schema_that_psql_can_query() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.create_app("Early", CALLBACK).await.expect(201);
    let then = head(&server).await;
    owner.create_app("Late", CALLBACK).await.expect(201);
    let said = audit(&server, &["replay", "--all", "--at", &then.to_string()])
        .await
        .ok();
    assert!(
        said.contains(&format!(
            "chancery psql -- -c 'SELECT * FROM as_of_{then}.users'"
        )),
        "{said}"
    );
    assert_eq!(names(&server, &format!("as_of_{then}")).await, ["Early"]);
    audit(&server, &["replay", "--all", "--schema", "everything"])
        .await
        .ok();
    assert_eq!(names(&server, "everything").await, ["Early", "Late"]);

    let again = audit(&server, &["replay", "--all", "--schema", "everything"]).await;
    again.fails(1, "the schema everything is there already");
    audit(
        &server,
        &[
            "replay",
            "--all",
            "--at",
            &then.to_string(),
            "--schema",
            "everything",
            "--replace",
        ],
    )
    .await
    .ok();
    assert_eq!(names(&server, "everything").await, ["Early"]);
    let refused = audit(&server, &["replay", "--all", "--schema", "projection_user"]).await;
    refused.fails(2, "a schema's name is");
}

#[tokio::test]
async fn a_dump_is_the_same_each_time_and_leaves_nothing_behind() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.create_app("Early", CALLBACK).await.expect(201);
    let then = head(&server).await;
    let before = dump(&server, then).await;
    assert!(
        before
            .iter()
            .any(|line| line["table"] == "users" && line["row"]["username"] == "owner"),
        "{before:?}"
    );
    owner.create_app("Late", CALLBACK).await.expect(201);
    assert_eq!(dump(&server, then).await, before);
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'as_of_%'")
            .fetch_one(server.pool())
            .await
            .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn what_a_killed_replay_left_is_cleared_by_the_next() {
    let server = Server::start().await;
    server.owner().await;
    sqlx::raw_sql("CREATE SCHEMA then_partial; CREATE TABLE then_partial.users (half integer)")
        .execute(server.pool())
        .await
        .unwrap();
    audit(&server, &["replay", "--all", "--schema", "then"])
        .await
        .ok();
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM \"then\".users")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(users, 1);
}
