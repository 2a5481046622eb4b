//! Either side is killed at any moment.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::{fs, future::pending, process::Command};

use chancery_postgres::{Embedded, Settings, testing};
use sqlx::Connection;
use support::{CHILD_DATA_DIR, connection, mark, marks, start_child};

/// The other process of the tests below: embeds PostgreSQL until it is killed.
#[tokio::test]
#[ignore = "started by other tests as a process of its own"]
async fn child() {
    let data_dir = std::env::var_os(CHILD_DATA_DIR).expect("only other tests start this one");
    let embedded = Embedded::start(Settings::new(data_dir)).await.unwrap();
    mark(&embedded.connect_options(), 1).await;
    println!("\nready");
    pending::<()>().await;
}

#[tokio::test]
async fn after_our_process_is_killed_the_next_start_attaches_and_owns_the_stop() {
    let dir = testing::data_dir();
    let mut child = start_child(dir.path());
    child.kill().unwrap();
    child.wait().unwrap();

    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert!(embedded.attached());
    assert_eq!(marks(&embedded.connect_options()).await, [1]);
    embedded.stop().await.unwrap();
    assert!(!dir.path().join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn after_both_are_killed_the_next_start_recovers() {
    let dir = testing::data_dir();
    let mut child = start_child(dir.path());
    child.kill().unwrap();
    child.wait().unwrap();
    kill(recorded_postmaster(&dir));

    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert_eq!(marks(&embedded.connect_options()).await, [1]);
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_postgresql_is_started_again_by_the_process_that_started_it() {
    let dir = testing::data_dir();
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    killed_and_back(&embedded).await;
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_postgresql_is_started_again_by_a_process_that_attached() {
    let dir = testing::data_dir();
    let mut child = start_child(dir.path());
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(embedded.attached());
    killed_and_back(&embedded).await;
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn a_process_number_that_became_another_programs_does_not_prevent_the_start() {
    let dir = testing::data_dir();
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    let file = dir.path().join("postgres/postmaster.pid");
    let recorded = fs::read_to_string(&file).unwrap();
    let owner = fs::metadata(&file).unwrap();
    mark(&embedded.connect_options(), 1).await;
    embedded.stop().await.unwrap();

    // The program has the same user as PostgreSQL, as after a reboot of a machine where it is not root.
    let mut program = as_owner(&owner, "sleep").arg("1000").spawn().unwrap();
    let (_, rest) = recorded.split_once('\n').unwrap();
    fs::write(&file, format!("{}\n{rest}", program.id())).unwrap();

    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert!(!embedded.attached());
    assert_eq!(marks(&embedded.connect_options()).await, [1]);
    embedded.stop().await.unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
}

#[tokio::test]
async fn a_start_waits_for_the_backends_of_a_killed_postgresql() {
    let dir = testing::data_dir();
    let mut child = start_child(dir.path());
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    mark(&embedded.connect_options(), 2).await;
    // A busy backend does not notice that its postmaster is gone until its statement ends.
    let mut busy = connection(&embedded.connect_options()).await;
    let work = tokio::spawn(async move {
        sqlx::query("SELECT count(*) FROM generate_series(1, 10000000)")
            .execute(&mut busy)
            .await
    });
    let mut watcher = connection(&embedded.connect_options()).await;
    loop {
        let busy: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut watcher)
        .await
        .unwrap();
        if busy > 0 {
            break;
        }
    }
    kill(embedded.postmaster().unwrap());
    drop(embedded);

    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert_eq!(marks(&embedded.connect_options()).await, [1, 2]);
    let _ = work.await.unwrap();
    embedded.stop().await.unwrap();
}

/// Kills the postmaster and waits until connections succeed again, on another one.
async fn killed_and_back(embedded: &Embedded) {
    let before = embedded.postmaster().unwrap();
    mark(&embedded.connect_options(), 7).await;
    kill(before);
    loop {
        let answers = sqlx::PgConnection::connect_with(&embedded.connect_options())
            .await
            .is_ok();
        if answers && embedded.postmaster().is_some_and(|pid| pid != before) {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(marks(&embedded.connect_options()).await.contains(&7));
}

fn recorded_postmaster(dir: &testing::DataDir) -> i32 {
    let text = fs::read_to_string(dir.path().join("postgres/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

fn kill(pid: i32) {
    assert!(
        Command::new("kill")
            .args(["-KILL", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

fn as_owner(owner: &fs::Metadata, program: &str) -> Command {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};

    let mut command = Command::new(program);
    command.current_dir("/");
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command
}
