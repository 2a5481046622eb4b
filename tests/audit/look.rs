use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::Server;
use crate::{CALLBACK, audit, url};

fn events(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn events_are_listed_newest_first_and_found_by_actor_resource_event_range_client_and_text() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner
        .create_app("Rolls", CALLBACK)
        .await
        .expect(201)
        .member("id");
    owner.create_app("Other", CALLBACK).await.expect(201);

    let all = audit(&server, &["list", "--all"]).await.json();
    let positions: Vec<i64> = all
        .iter()
        .map(|line| line["position"].as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (1..=i64::try_from(all.len()).unwrap()).rev().collect();
    assert_eq!(positions, expected);
    assert_eq!(
        audit(&server, &["list", "--limit", "2"]).await.json(),
        all[..2]
    );
    let oldest = audit(&server, &["list", "--limit", "1", "--reverse"])
        .await
        .json();
    assert_eq!(oldest, all[all.len() - 1..]);

    let found = async |arguments: &[&str]| {
        let arguments = [&["list"], arguments].concat();
        audit(&server, &arguments).await.json()
    };
    let created = ["oauth2_app/oauth2_app_created"; 2];
    assert_eq!(events(&found(&["--resource", "oauth2_app"]).await), created);
    assert_eq!(
        events(&found(&["--event", "oauth2_app_created", "--actor", "OWNER"]).await),
        created
    );
    assert_eq!(
        found(&["--resource", &format!("oauth2_app/{app}")])
            .await
            .len(),
        1
    );
    assert_eq!(events(&found(&["--text", "rolls"]).await), created[..1]);
    assert_eq!(found(&["--actor", "nobody"]).await, [Value::Null; 0]);
    assert_eq!(
        found(&["--client", "127.0.0.1", "--event", "user/user_created"])
            .await
            .len(),
        1
    );
    assert_eq!(found(&["--client", "10.9.9.9"]).await.len(), 0);
    assert_eq!(
        found(&["--from", "2", "--to", "3"]).await,
        all[all.len() - 3..all.len() - 1]
    );
    let time = all[0]["recorded_at"].as_str().unwrap();
    assert_eq!(found(&["--from", time]).await, all[..1]);
    assert_eq!(
        found(&[
            "--organization",
            "default",
            "--event",
            "organization_created"
        ])
        .await
        .len(),
        1
    );
    assert_eq!(found(&["--from", "2999-01-01"]).await.len(), 0);
}

#[tokio::test]
async fn lists_are_tables_csv_or_json_lines_coloured_only_when_asked_or_on_a_terminal() {
    let server = Server::start().await;
    server.owner().await;
    let table = audit(&server, &["list", "--format", "table"]).await.ok();
    assert!(
        table.starts_with(" POSITION TIME") && !table.contains('\u{1b}'),
        "{table}"
    );
    assert!(
        table.contains("user/user_created") && table.contains("127.0.0.1"),
        "{table}"
    );
    let coloured = audit(&server, &["list", "--format", "table", "--color", "always"])
        .await
        .ok();
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let csv = audit(&server, &["list", "--all", "--format", "csv"])
        .await
        .ok();
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .unwrap();
    let json = audit(&server, &["list", "--all"]).await.json();
    assert_eq!(rows.len(), json.len());
    assert_eq!(&rows[0][0], json[0]["position"].to_string());
    assert_eq!(&rows[0][2], json[0]["event"].as_str().unwrap());
}

#[tokio::test]
async fn an_event_is_shown_with_its_changes_its_request_and_its_neighbours_and_without_secrets() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("Rolls", CALLBACK).await;
    let body = serde_json::json!({"name": "Renamed", "callback_url": CALLBACK});
    owner
        .put(&format!("/api/v2/oauth2-provider/apps/{}", app.id), &body)
        .await
        .expect(200);
    let stream = format!("oauth2_app/{}", app.id);
    let listed = audit(&server, &["list", "--resource", &stream, "--reverse"])
        .await
        .json();
    let last = listed[2]["position"].to_string();

    let shown = audit(&server, &["show", &last, "--json"])
        .await
        .json()
        .remove(0);
    assert_eq!(shown["event"]["event"], "oauth2_app/oauth2_app_updated");
    assert_eq!(shown["event"]["metadata"]["actor_name"], "owner");
    let renamed = &shown["changes"][0];
    assert!(
        renamed["field"].as_str().unwrap().ends_with("name"),
        "{shown}"
    );
    assert_eq!(
        (&renamed["old"], &renamed["new"]),
        (&"Rolls".into(), &"Renamed".into())
    );
    assert_eq!(shown["previous"]["position"], listed[1]["position"]);
    assert_eq!(shown["next"], Value::Null);
    let text = audit(&server, &["show", &last]).await.ok();
    assert!(
        text.contains("\"Rolls\"\n+ ") && text.contains("PUT /api/v2/oauth2-provider/apps/{app}"),
        "{text}"
    );

    let hashes: Vec<String> = sqlx::query_scalar(
        "SELECT coalesce(payload ->> 'hashed_secret', payload ->> 'hashed_password') FROM events
         WHERE payload ->> 'hashed_secret' IS NOT NULL OR payload ->> 'hashed_password' IS NOT NULL",
    )
    .fetch_all(server.pool())
    .await
    .unwrap();
    assert!(hashes.len() >= 3);
    let secret = listed[1]["position"].to_string();
    let mut seen = audit(&server, &["list", "--all"]).await.ok();
    seen += &audit(&server, &["show", &secret]).await.ok();
    seen += &audit(&server, &["replay", &stream, "--steps"]).await.ok();
    seen += &audit(&server, &["replay", &stream, "--json"]).await.ok();
    for hash in hashes {
        assert!(!seen.contains(&hash));
    }
    assert!(seen.contains("(secret)"));

    let first = audit(&server, &["list", "--event", "first_user_claimed"])
        .await
        .json();
    let position = first[0]["position"].to_string();
    let shown = audit(&server, &["show", &position, "--json"])
        .await
        .json()
        .remove(0);
    let together: Vec<_> = shown["request"]
        .as_array()
        .unwrap()
        .iter()
        .map(|brief| brief["event"].clone())
        .collect();
    assert!(
        together.contains(&"user/user_created".into()),
        "{together:?}"
    );
}

/// Follows with these arguments while two apps are made, and expects both.
async fn follow(arguments: &[&str]) {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["audit", "follow", "--from", "1", "--resource", "oauth2_app"])
        .args(arguments)
        .env("CHANCERY_DATABASE_URL", url(&server))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for name in ["First", "Second"] {
        owner.create_app(name, CALLBACK).await.expect(201);
        let line = lines.next_line().await.unwrap().unwrap();
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["payload"]["name"], name);
    }
    // The way it is meant to end.
    let process = child.id().unwrap().to_string();
    let sent = Command::new("kill").args(["-INT", &process]).status();
    assert!(sent.await.unwrap().success());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn following_prints_what_is_recorded_from_then_on() {
    follow(&[]).await;
}

#[tokio::test]
async fn following_up_to_a_time_goes_on_until_then() {
    follow(&["--to", "2999-01-01"]).await;
}

#[tokio::test]
async fn following_up_to_a_time_that_is_over_ends_with_what_was_recorded_by_then() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.create_app("First", CALLBACK).await.expect(201);
    let newest = "/api/v2/ledger/events?newest_first=true&limit=1";
    let newest = owner.get(newest).await.expect(200).json();
    let time = newest["events"][0]["recorded_at"].as_str().unwrap();
    owner.create_app("Second", CALLBACK).await.expect(201);
    let arguments = [
        "follow",
        "--from",
        "1",
        "--resource",
        "oauth2_app",
        "--to",
        time,
    ];
    let printed = audit(&server, &arguments).await.ok();
    assert!(
        printed.contains("First") && !printed.contains("Second"),
        "{printed}"
    );
}
