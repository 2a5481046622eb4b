//! What is true of a log and its read models after anything.

use std::process::Output;

use tokio::process::Command;

use crate::support::Server;

/// Positions are gap-free, the chain verifies, the unique keys follow from the events, and every projection equals a fresh rebuild.
pub async fn of_the_ledger(server: &Server) {
    let (events, last): (i64, i64) =
        sqlx::query_as("SELECT count(*), coalesce(max(position), 0) FROM events")
            .fetch_one(server.pool())
            .await
            .unwrap();
    assert!(events > 0);
    assert_eq!(events, last, "positions have gaps");
    for arguments in [&["audit", "verify"][..], &["projections", "verify"]] {
        let output = chancery(server, arguments).await;
        // 10: intact, and nobody signs it.
        assert!(
            matches!(output.status.code(), Some(0 | 10)),
            "chancery {arguments:?}: {output:?}"
        );
    }
}

/// Runs a sub-command on the server's database.
async fn chancery(server: &Server, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(arguments)
        .env(
            "CHANCERY_DATABASE_URL",
            server.setting("CHANCERY_DATABASE_URL"),
        )
        .output()
        .await
        .unwrap()
}
