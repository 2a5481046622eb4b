//! `chancery projections` beside a running server.

use std::process::Stdio;

use tokio::process::Command;

use crate::support::{Ran, Server, chancery};
use crate::{CALLBACK, url};

async fn projections(server: &Server, arguments: &[&str]) -> Ran {
    let arguments = [&["projections"], arguments].concat();
    chancery(&url(server), &arguments).await
}

#[tokio::test]
async fn the_status_tells_position_lag_version_state_and_error() {
    let server = Server::start().await;
    server.owner().await;
    let status = projections(&server, &["status", "--json"]).await.ok();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let audit = status
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "audit")
        .unwrap();
    for member in [
        "position",
        "lag",
        "lag_seconds",
        "version",
        "program_version",
        "state",
        "error",
    ] {
        assert!(audit.get(member).is_some(), "{member}: {audit}");
    }
    assert_eq!(audit["state"], "live");
    let table = projections(&server, &["status"]).await.ok();
    assert!(
        table.contains("LAG TIME") && table.contains("oauth2_grant"),
        "{table}"
    );
}

#[tokio::test]
async fn a_changed_row_of_a_read_model_is_found_and_a_rebuild_heals_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.create_app("Rolls", CALLBACK).await.expect(201);
    projections(&server, &["verify"]).await.ok();
    sqlx::raw_sql("UPDATE projection_registry.states SET name_key = 'Forged'")
        .execute(server.pool())
        .await
        .unwrap();
    let found = projections(&server, &["verify", "registry"]).await;
    assert_eq!(found.status, 5);
    assert!(
        found.stdout.contains("DIFFERENT in table states") && found.stdout.contains("Forged"),
        "{found:?}"
    );
    projections(&server, &["rebuild", "registry"]).await.ok();
    projections(&server, &["verify", "registry"]).await.ok();
    let listed = owner
        .get("/api/v2/oauth2-provider/apps")
        .await
        .expect(200)
        .json();
    assert_eq!(listed[0]["name"], "Rolls");
    projections(&server, &["rebuild", "nothing"])
        .await
        .fails(4, "there is no projection nothing; there are");
    let reset = projections(&server, &["reset-error", "audit"]).await.ok();
    assert!(reset.contains("was not stopped"), "{reset}");
}

#[tokio::test]
async fn a_second_rebuild_is_refused_and_after_a_killed_one_the_next_starts_over() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.create_app("Rolls", CALLBACK).await.expect(201);
    // The first rebuild stands still where it writes its checkpoint.
    let mut gate = server.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE projection_checkpoints IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *gate)
        .await
        .unwrap();
    let mut first = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["projections", "rebuild", "oauth2_app"])
        .env("CHANCERY_DATABASE_URL", url(&server))
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    loop {
        let waits: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
                            WHERE NOT granted AND application_name = 'projection_oauth2_app_rebuild')",
        )
        .fetch_one(server.pool())
        .await
        .unwrap();
        if waits {
            break;
        }
        tokio::task::yield_now().await;
    }
    let second = projections(&server, &["rebuild", "oauth2_app"]).await;
    second.fails(
        9,
        "the projection oauth2_app is being rebuilt or verified already",
    );
    assert_eq!(
        owner
            .get("/api/v2/oauth2-provider/apps")
            .await
            .expect(200)
            .json()[0]["name"],
        "Rolls"
    );
    first.kill().await.unwrap();
    gate.rollback().await.unwrap();
    loop {
        // PostgreSQL ends the killed one's session when it notices.
        let again = projections(&server, &["rebuild", "oauth2_app"]).await;
        if again.status == 0 {
            break;
        }
        again.fails(9, "already");
    }
    projections(&server, &["verify", "oauth2_app"]).await.ok();
}
