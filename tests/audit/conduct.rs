//! How the commands behave: what they ask of the database, of whoever reads their output, and of whoever asks for help.

use crate::support::{Server, chancery, chancery_with};
use crate::url;

#[tokio::test]
async fn reading_needs_no_more_than_select() {
    let server = Server::start().await;
    server.owner().await;
    let role = format!("auditor_{}", server.database().name());
    sqlx::raw_sql(&format!(
        "CREATE ROLE \"{role}\" LOGIN;
         GRANT SELECT ON events, ledger_head, ledger_checkpoints, ledger_signing_keys, ledger_tiles TO \"{role}\""
    ))
    .execute(server.pool())
    .await
    .unwrap();
    let options = server.database().options().username(&role);
    let url = sqlx::ConnectOptions::to_url_lossy(&options).to_string();
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log.jsonl");
    for arguments in [
        &["list"][..],
        &["show", "1"],
        &["replay", "deployment/deployment"],
        &["export", log.to_str().unwrap()],
    ] {
        chancery(&url, &[&["audit"], arguments].concat()).await.ok();
    }
    chancery(&url, &["audit", "verify"])
        .await
        .fails(10, "intact");
    assert_ne!(
        chancery(&url, &["audit", "replay", "--all"]).await.status,
        0
    );
    sqlx::raw_sql(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\""))
        .execute(server.pool())
        .await
        .unwrap();
}

#[tokio::test]
async fn every_command_has_help_with_examples_and_the_statuses_are_listed() {
    let server_free = [("CHANCERY_DATABASE_URL", "")];
    let help = chancery_with(&server_free, &["audit", "--help"]).await.ok();
    assert!(
        help.contains("Examples:") && help.contains("Exit status:"),
        "{help}"
    );
    for command in [
        "list",
        "follow",
        "show",
        "replay",
        "export",
        "verify",
        "prove",
        "checkpoint",
    ] {
        let help = chancery_with(&server_free, &["audit", command, "--help"])
            .await
            .ok();
        assert!(help.contains("Examples:"), "{command}: {help}");
    }
}

#[tokio::test]
async fn output_that_nobody_reads_any_more_ends_the_command_quietly() {
    let server = Server::start().await;
    server.owner().await;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["audit", "list", "--all", "--format", "table"])
        .env("CHANCERY_DATABASE_URL", url(&server))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}
