use crate::support::{Server, chancery, chancery_with};
use crate::{CALLBACK, audit};

#[tokio::test]
async fn a_stream_or_moment_that_is_not_there_is_said_in_one_line_with_its_own_status() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner
        .create_app("Rolls", CALLBACK)
        .await
        .expect(201)
        .member("id");
    let app = format!("oauth2_app/{app}");
    let fails = async |arguments: &[&str], status: i32, text: &str| {
        audit(&server, arguments).await.fails(status, text);
    };
    fails(
        &["show", "999"],
        4,
        "there is no position 999: the log has positions 1 to",
    )
    .await;
    fails(
        &["replay", "oauth2_app/none"],
        4,
        "there is no stream oauth2_app/none",
    )
    .await;
    fails(
        &["replay", "nothing/none"],
        4,
        "there are no streams of type nothing",
    )
    .await;
    fails(
        &["replay", &app, "--at", "999"],
        4,
        "there is no position 999",
    )
    .await;
    fails(
        &["replay", &app, "--at", "1"],
        4,
        "did not exist at position 1: it began at",
    )
    .await;
    fails(
        &["replay", &app, "--at", "1", "--steps"],
        4,
        "did not exist at position 1: it began at",
    )
    .await;
    fails(
        &["replay", &app, "--diff", "1..2"],
        4,
        "did not exist at position 2: it began at",
    )
    .await;
    fails(
        &["replay", &app, "--at", "2001-01-01"],
        4,
        "is before the first event, of 20",
    )
    .await;
    fails(
        &["replay", "--all", "--at", "999"],
        4,
        "there is no position 999",
    )
    .await;
    fails(
        &["replay", "oauth2_app"],
        2,
        "expected <aggregate type>/<id>",
    )
    .await;
}

#[tokio::test]
async fn a_filter_that_names_what_is_not_there_is_said_in_one_line_with_its_own_status() {
    let server = Server::start().await;
    server.owner().await;
    let fails = async |arguments: &[&str], status: i32, text: &str| {
        audit(&server, arguments).await.fails(status, text);
    };
    fails(
        &["list", "--resource", "nothing"],
        4,
        "there is no resource type nothing; there are api_key",
    )
    .await;
    fails(
        &["list", "--organization", "nothing"],
        4,
        "there is no organization nothing",
    )
    .await;
    fails(&["list", "--from", "999"], 4, "there is no position 999").await;
    fails(
        &["list", "--to", "2001-01-01"],
        4,
        "is before the first event, of 20",
    )
    .await;
    fails(
        &["list", "--resource", "oauth2_app/none"],
        4,
        "there is no stream oauth2_app/none",
    )
    .await;
    fails(
        &["list", "--event", "nothing"],
        4,
        "there is no event type nothing",
    )
    .await;
    fails(
        &["list", "--event", "user/code_issued"],
        4,
        "there is no event type code_issued of resource type user",
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_exported_verified_or_proved_is_said_in_one_line_with_its_own_status() {
    let server = Server::start().await;
    server.owner().await;
    let fails = async |arguments: &[&str], status: i32, text: &str| {
        audit(&server, arguments).await.fails(status, text);
    };
    fails(&["prove", "999"], 4, "there is no event at position 999").await;
    fails(&["prove", "1"], 4, "no checkpoint covers position 1 yet").await;
    fails(&["verify", "--from", "999"], 4, "there is no position 999").await;
    fails(
        &["export", "-", "--from", "999"],
        4,
        "there is no position 999: the log has positions 1 to",
    )
    .await;
    fails(
        &["export", "-", "--from", "2999-01-01"],
        4,
        "nothing was recorded at 2999-01-01T00:00:00+00:00 or later",
    )
    .await;
    fails(
        &["export", "-", "--from", "3", "--to", "2"],
        2,
        "--from lies after --to",
    )
    .await;
    fails(
        &["verify", "--from", "3", "--to", "2"],
        2,
        "--from lies after --to",
    )
    .await;
    fails(&["verify", "--to", "999"], 4, "there is no position 999").await;
    fails(&["verify", "/no/such/file"], 4, "/no/such/file").await;
    fails(&["verify"], 10, "intact, but the record is not signed").await;
}

#[tokio::test]
async fn a_database_that_is_not_there_or_holds_no_ledger_is_said() {
    let none = chancery("postgres://127.0.0.1:1/none", &["audit", "list"]).await;
    none.fails(3, "the database cannot be reached");
    let wrong = chancery("nonsense", &["audit", "list"]).await;
    wrong.fails(3, "the database URL is not valid");
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("absent");
    let absent = chancery_with(
        &[("CHANCERY_DATA_DIR", data_dir.to_str().unwrap())],
        &["audit", "list"],
    )
    .await;
    absent.fails(3, "start the server once");
    let settings = [("CHANCERY_DATA_DIR", data_dir.to_str().unwrap())];
    for command in ["status", "rebuild", "verify", "reset-error"] {
        let absent = chancery_with(&settings, &["projections", command]).await;
        absent.fails(3, "start the server once");
    }
    assert!(!data_dir.exists(), "looking makes no data directory");
    let empty = chancery_postgres::testing::database().await;
    let url = sqlx::ConnectOptions::to_url_lossy(&empty.options()).to_string();
    chancery(&url, &["audit", "verify"])
        .await
        .fails(3, "this database holds no ledger");
    chancery(&url, &["projections", "status"])
        .await
        .fails(3, "this database holds no ledger");
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'",
    )
    .fetch_one(&empty.pool().await)
    .await
    .unwrap();
    assert_eq!(tables, 0, "looking makes no tables");
}

#[tokio::test]
async fn foreign_cut_off_and_damaged_files_are_told_apart() {
    let server = Server::start().await;
    server.owner().await;
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let log = path("log.jsonl");
    audit(&server, &["export", &log]).await.ok();
    audit(&server, &["export", &log])
        .await
        .fails(1, "is there already");
    let whole = std::fs::read(&log).unwrap();
    let fails = async |bytes: &[u8], status: i32, text: &str| {
        let file = path("changed");
        std::fs::write(&file, bytes).unwrap();
        chancery_with(&[], &["audit", "verify", &file])
            .await
            .fails(status, text);
    };
    fails(&whole[..whole.len() - 10], 6, "the export is cut off").await;
    fails(&whole[..30], 6, "cut off").await;
    fails(b"", 7, "not an export of a ledger").await;
    fails(b"PK\x03\x04", 7, "not an export of a ledger").await;
    fails(b"{\"some\": \"json\"}", 7, "no export, checkpoint or proof").await;
    fails(b"{\"some\": ", 6, "cut off").await;
    let mut damaged = whole.clone();
    let last_line = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    damaged[last_line] = b'x';
    fails(&damaged, 6, "is damaged").await;
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named_by_its_position() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner
        .create_app("Rolls", CALLBACK)
        .await
        .expect(201)
        .member("id");
    let position: i64 = sqlx::query_scalar("SELECT position FROM events WHERE aggregate_id = $1")
        .bind(&app)
        .fetch_one(server.pool())
        .await
        .unwrap();
    sqlx::raw_sql(&format!(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever;
         UPDATE events SET payload = '{{\"type\":\"oauth2_app_created\"}}' WHERE position = {position}"
    ))
    .execute(server.pool())
    .await
    .unwrap();
    let named = format!("the event at position {position} cannot be read");
    audit(&server, &["replay", &format!("oauth2_app/{app}")])
        .await
        .fails(5, &named);
    audit(&server, &["replay", "--all"]).await.fails(5, &named);
}
