//! Start, restart, attach, stop.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use chancery_postgres::{Embedded, Settings, testing};
use support::{connection, mark, marks};
use tokio::sync::Barrier;

#[tokio::test]
async fn a_restart_finds_the_data() {
    let dir = testing::data_dir();
    let first = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert!(!first.attached());
    mark(&first.connect_options(), 1).await;
    first.stop().await.unwrap();

    let second = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert!(!second.attached());
    assert_eq!(marks(&second.connect_options()).await, [1]);
    second.stop().await.unwrap();
}

#[tokio::test]
async fn the_cluster_is_durable_private_and_in_utf8() {
    let cluster = testing::cluster().await;
    let mut connection = connection(&cluster.options()).await;
    for (setting, expected) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("server_encoding", "UTF8"),
        ("max_connections", "200"),
        ("TimeZone", "UTC"),
        // Back in a second after a crash, not in four.
        #[cfg(target_os = "linux")]
        ("recovery_init_sync_method", "syncfs"),
    ] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(value, expected, "{setting}");
    }
}

#[tokio::test]
async fn postgresql_never_runs_as_root_and_nobody_else_reaches_its_files() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let dir = testing::data_dir();
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    let process = format!("/proc/{}", embedded.postmaster().unwrap());
    let own = std::fs::metadata("/proc/self").unwrap().uid();
    let runs_as = std::fs::metadata(process).unwrap().uid();
    assert_ne!(runs_as, 0);
    assert!(own == 0 || own == runs_as);
    for private in [
        dir.path().join("postgres"),
        embedded.socket_dir().to_owned(),
    ] {
        let found = private.metadata().unwrap();
        assert_eq!(found.uid(), runs_as, "{}", private.display());
        assert_eq!(
            found.permissions().mode() & 0o777,
            0o700,
            "{}",
            private.display()
        );
    }
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn the_last_to_leave_stops_postgresql() {
    let dir = testing::data_dir();
    let first = Embedded::start(Settings::new(dir.path())).await.unwrap();
    let second = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert!(second.attached());
    assert_eq!(first.postmaster(), second.postmaster());
    mark(&first.connect_options(), 1).await;

    first.stop().await.unwrap();
    assert!(second.postmaster().is_some());
    assert_eq!(marks(&second.connect_options()).await, [1]);

    second.stop().await.unwrap();
    assert!(!dir.path().join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn of_two_that_start_at_once_one_starts_and_the_other_attaches() {
    let dir = testing::data_dir();
    let barrier = Barrier::new(2);
    let start = || async {
        barrier.wait().await;
        Embedded::start(Settings::new(dir.path())).await.unwrap()
    };
    let (one, other) = tokio::join!(start(), start());
    assert_ne!(one.attached(), other.attached());
    assert_eq!(one.postmaster(), other.postmaster());
    one.stop().await.unwrap();
    other.stop().await.unwrap();
}

#[tokio::test]
async fn a_data_directory_too_long_for_a_socket_works_and_keeps_its_socket() {
    let parent = testing::data_dir();
    let long = parent.path().join("d".repeat(120));
    let first = Embedded::start(Settings::new(&long)).await.unwrap();
    assert!(!first.socket_dir().starts_with(&long));
    let socket_dir = first.socket_dir().to_owned();
    mark(&first.connect_options(), 1).await;
    first.stop().await.unwrap();

    let second = Embedded::start(Settings::new(&long)).await.unwrap();
    assert_eq!(second.socket_dir(), socket_dir);
    assert_eq!(marks(&second.connect_options()).await, [1]);
    second.stop().await.unwrap();
    std::fs::remove_dir_all(socket_dir).unwrap();
}

#[tokio::test]
async fn a_data_directory_with_unusual_characters_works() {
    let parent = testing::data_dir();
    let odd = parent.path().join("a b,\"c' ü");
    let embedded = Embedded::start(Settings::new(odd)).await.unwrap();
    mark(&embedded.connect_options(), 1).await;
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn a_half_made_cluster_is_made_anew() {
    let dir = testing::data_dir();
    let unfinished = dir.path().join("postgres.unfinished-1");
    std::fs::create_dir(&unfinished).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    assert!(!unfinished.exists());
    embedded.stop().await.unwrap();
}
