//! What the tests of this crate share.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "each test binary uses a part")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// Names the data directory to the test binary that is started again as another process.
pub const CHILD_DATA_DIR: &str = "CHANCERY_TEST_CHILD_DATA_DIR";

pub async fn connection(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.unwrap()
}

/// Records `number` durably.
pub async fn mark(options: &PgConnectOptions, number: i32) {
    let mut connection = connection(options).await;
    sqlx::query("CREATE TABLE IF NOT EXISTS marks (number int)")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO marks VALUES ($1)")
        .bind(number)
        .execute(&mut connection)
        .await
        .unwrap();
}

/// Every recorded number.
pub async fn marks(options: &PgConnectOptions) -> Vec<i32> {
    sqlx::query_scalar("SELECT number FROM marks ORDER BY number")
        .fetch_all(&mut connection(options).await)
        .await
        .unwrap()
}

/// Runs the ignored test `child` of this test binary in another process, and waits until it says that its PostgreSQL
/// is ready.
pub fn start_child(data_dir: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(CHILD_DATA_DIR, data_dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        output.any(|line| line.unwrap() == "ready"),
        "the child ended early"
    );
    child
}
