//! Commands that the documents tell of: settings from files, backup and restore, names and times, what shells and `man` want.

use chancery_postgres::testing;

use crate::support::{OWNER_EMAIL, OWNER_NAME, PASSWORD, Server, chancery, chancery_with};

fn database(server: &Server) -> &str {
    server.setting("CHANCERY_DATABASE_URL")
}

fn file(dir: &testing::DataDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn settings_come_from_a_file_and_secrets_from_files_of_their_own() {
    let server = Server::start().await;
    let dir = testing::data_dir();
    let url = file(&dir, "url", &format!("{}\n", database(&server)));
    let settings =
        format!("# a comment\nCHANCERY_DATABASE_URL_FILE={url}\nCHANCERY_SESSION_DURATION=12h\n");
    let config = file(&dir, "chancery.env", &settings);
    let said = chancery_with(&[], &["audit", "list", "--json", "--config", &config])
        .await
        .json();
    assert!(!said.is_empty());

    let key = dir.path().join("key.pem").display().to_string();
    let check = [
        "config",
        "check",
        "--config",
        &config,
        "--signing-key-file",
        &key,
    ];
    let said = chancery_with(&[], &check).await.ok();
    assert!(said.contains("CHANCERY_SESSION_DURATION=12h"), "{said}");
    assert!(said.contains("CHANCERY_DATABASE_URL=(hidden)"), "{said}");
    assert!(said.ends_with("ok\n"), "{said}");
    let variable = [
        ("CHANCERY_CONFIG", &*config),
        ("CHANCERY_SESSION_DURATION", "soon"),
    ];
    chancery_with(&variable, &["config", "check"])
        .await
        .fails(2, "session-duration");
}

#[tokio::test]
async fn what_is_wrong_with_settings_is_told_before_anything_is_done() {
    let dir = testing::data_dir();
    let config = file(
        &dir,
        "chancery.env",
        "CHANCERY_ACCESS_ULR=https://id.example.com\n",
    );
    let said = chancery_with(&[], &["serve", "--config", &config]).await;
    said.fails(2, "chancery.env:1: there is no setting CHANCERY_ACCESS_ULR");
    let said = chancery("mysql://localhost/chancery", &["audit", "list"]).await;
    said.fails(3, "expected postgres://");
    let said = chancery(
        "postgres://chancery@127.0.0.1:1/chancery",
        &["audit", "list"],
    )
    .await;
    said.fails(3, "Connection refused");
}

#[tokio::test]
async fn a_backup_is_restored_and_verified_into_an_empty_database_only() {
    let server = Server::start().await;
    server.owner().await;
    let dir = testing::data_dir();
    let dump = dir.path().join("chancery.dump").display().to_string();
    let said = chancery(database(&server), &["backup", &dump]).await.ok();
    assert!(said.contains("the record up to position"), "{said}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&dump).unwrap());
    assert_eq!(mode & 0o777, 0o600);

    let empty = testing::database().await;
    let url = sqlx::ConnectOptions::to_url_lossy(&empty.options()).to_string();
    let said = chancery(&url, &["restore", &dump]).await.ok();
    assert!(
        said.starts_with("restored: ") && said.contains(" events are intact"),
        "{said}"
    );
    let of = async |url: &str| {
        chancery(url, &["audit", "list", "--all", "--json"])
            .await
            .json()
    };
    assert_eq!(of(&url).await, of(database(&server)).await);
    let restored = Server::start_with(&[("CHANCERY_DATABASE_URL", &url)]).await;
    let owner = restored.sign_in(OWNER_EMAIL, PASSWORD).await;
    let users = owner.get("/api/v2/users").await.expect(200).json();
    assert_eq!(users["count"], 1, "{users}");

    let again = chancery(&url, &["restore", &dump]).await;
    again.fails(2, "there is a record in this database already");
    let other = file(&dir, "other", "no archive");
    let fresh = testing::database().await;
    let url = sqlx::ConnectOptions::to_url_lossy(&fresh.options()).to_string();
    chancery(&url, &["restore", &other])
        .await
        .fails(1, "archive");
}

#[tokio::test]
async fn names_and_times_ago_are_understood() {
    let server = Server::start().await;
    server.owner().await;
    let url = database(&server);
    let stream = format!("user/{OWNER_NAME}");
    let shown = chancery(url, &["audit", "replay", &stream]).await.ok();
    assert!(shown.contains(OWNER_NAME), "{shown}");
    let listed = chancery(
        url,
        &[
            "audit",
            "list",
            "--resource",
            &stream,
            "--from",
            "1h",
            "--json",
        ],
    )
    .await;
    assert!(!listed.json().is_empty());
    let none = chancery(url, &["audit", "list", "--from", "soon"]).await;
    assert!(
        none.status == 2 && none.stderr.contains("how long ago"),
        "{none:?}"
    );
    let default = ["audit", "replay", "organization/coder"];
    assert!(chancery(url, &default).await.ok().contains("coder"));
    let counted = [
        "psql",
        "--",
        "--tuples-only",
        "--no-align",
        "--command",
        "SELECT count(*) > 5 FROM events",
    ];
    assert_eq!(chancery(url, &counted).await.ok(), "t\n");
}

#[tokio::test]
async fn shells_and_man_get_what_they_want() {
    let bash = chancery_with(&[], &["completions", "bash"]).await.ok();
    assert!(bash.contains("_chancery()") && bash.contains("--access-url"));
    let dir = testing::data_dir();
    let path = dir.path().display().to_string();
    chancery_with(&[], &["man", &path]).await.ok();
    let page = std::fs::read_to_string(dir.path().join("chancery-serve.1")).unwrap();
    assert!(page.contains("CHANCERY_ACCESS_URL"));
}
