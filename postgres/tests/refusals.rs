//! What cannot work is refused with what to do about it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{fs, os::unix::fs::PermissionsExt};

use chancery_postgres::{Embedded, Settings, StartError, testing};

async fn refusal(settings: Settings) -> StartError {
    Embedded::start(settings)
        .await
        .expect_err("must be refused")
}

#[tokio::test]
async fn a_directory_without_binaries_is_refused_with_the_install_command() {
    let dir = testing::data_dir();
    let settings = Settings {
        bin_dir: Some("/etc".into()),
        ..Settings::new(dir.path())
    };
    let error = refusal(settings).await;
    assert!(matches!(error, StartError::NotBinaries { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("/etc") && text.contains("install") && text.contains("postgresql"),
        "{text}"
    );
}

#[tokio::test]
async fn binaries_older_than_the_oldest_supported_are_refused() {
    let dir = testing::data_dir();
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["postgres", "initdb"] {
        let file = bin.join(name);
        fs::write(&file, "#!/bin/sh\necho 'postgres (PostgreSQL) 13.1'\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let error = refusal(Settings {
        bin_dir: Some(bin),
        ..Settings::new(dir.path())
    })
    .await;
    assert!(matches!(error, StartError::NotBinaries { .. }), "{error}");
    assert!(error.to_string().contains("PostgreSQL 13"), "{error}");
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_and_left_alone() {
    let dir = testing::data_dir();
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    embedded.stop().await.unwrap();
    let version = dir.path().join("postgres/PG_VERSION");
    fs::write(&version, "9999\n").unwrap();

    let error = refusal(Settings::new(dir.path())).await;
    assert!(
        matches!(error, StartError::VersionMismatch { made_by: 9999, .. }),
        "{error}"
    );
    assert_eq!(fs::read_to_string(version).unwrap(), "9999\n");
}

#[tokio::test]
async fn a_broken_configuration_is_refused_with_what_postgresql_said() {
    let dir = testing::data_dir();
    let embedded = Embedded::start(Settings::new(dir.path())).await.unwrap();
    embedded.stop().await.unwrap();
    let configuration = dir.path().join("postgres/postgresql.conf");
    let text = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, format!("{text}\nno_such_setting = 1\n")).unwrap();

    let error = refusal(Settings::new(dir.path())).await;
    assert!(matches!(error, StartError::Exited { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[tokio::test]
async fn a_data_directory_that_is_a_file_is_refused() {
    let dir = testing::data_dir();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = refusal(Settings::new(&file)).await;
    assert!(matches!(error, StartError::Io { .. }), "{error}");
    assert!(
        error.to_string().contains(file.to_str().unwrap()),
        "{error}"
    );
}

/// Only root runs PostgreSQL as somebody else, so for others there is nothing to be unreachable for.
#[tokio::test]
async fn as_root_a_data_directory_closed_to_the_unprivileged_user_is_refused_by_name() {
    use std::os::unix::fs::MetadataExt;

    let dir = testing::data_dir();
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let started = Embedded::start(Settings::new(closed.join("data"))).await;
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        let error = started.expect_err("must be refused");
        assert!(matches!(error, StartError::Unreachable { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains(&format!("chmod o+x {}", closed.display())),
            "{error}"
        );
        let left = fs::read_dir(&closed).unwrap().count();
        assert_eq!(left, 0, "the refused directory is left behind");
    } else {
        started.unwrap().stop().await.unwrap();
    }
}
