//! Provisioner daemons over HTTP (`docs/contract/provisioners.md` 4): the one of `tests/clients/provisioner`, which is on the libraries
//! of existing daemons, against the real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../../provisioner/tests/wire/program.rs"]
#[allow(dead_code, reason = "what only the tests of the wire need")]
mod program;
#[path = "../support/mod.rs"]
mod support;

use reqwest::Method;
use serde_json::{Value, json};

use program::Daemon;
use support::{Answer, NOT_FOUND, Server, Session};

const DAEMONS: &str = "/api/v2/organizations/default/provisionerdaemons";
const KEYS: &str = "/api/v2/organizations/default/provisionerkeys";
const SERVE: &str = "/api/v2/organizations/default/provisionerdaemons/serve";
const KEY_HEADER: &str = "Coder-Provisioner-Daemon-Key";

async fn key(owner: &Session<'_>, name: &str) -> String {
    let new = json!({ "name": name, "tags": { "region": "eu" } });
    owner.post(KEYS, &new).await.expect(201).member("key")
}

/// A daemon of this name that waits for a job.
async fn waiting(server: &Server, key: &str, name: &str) -> Daemon {
    let mut daemon = Daemon::start_with(&server.at(SERVE), key, &["-name", name]);
    daemon.go_to("acquire").await;
    daemon.tell("go").await;
    daemon.event("waiting").await;
    daemon
}

async fn listed(owner: &Session<'_>) -> Value {
    owner.get(DAEMONS).await.expect(200).json()
}

/// Asks until the only daemon is shown so: nobody tells the one who asks.
async fn until(owner: &Session<'_>, status: &str) -> Value {
    let mut daemons = until_all(owner, &[status]).await;
    daemons.remove(0)
}

/// Asks until the daemons are shown so, by name.
async fn until_all(owner: &Session<'_>, statuses: &[&str]) -> Vec<Value> {
    loop {
        let daemons = owner.get(DAEMONS).await.expect(200);
        if daemons.each("status") == statuses {
            return serde_json::from_value(daemons.json()).unwrap();
        }
    }
}

#[tokio::test]
async fn a_daemon_is_shown_idle_while_it_is_there_and_is_the_same_when_it_comes_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    assert_eq!(listed(&owner).await, json!([]));
    let text = key(&owner, "builders").await;
    let mut daemon = waiting(&server, &text, "one").await;
    let first = until(&owner, "idle").await;
    insta::assert_json_snapshot!("daemon", first, {
        ".id" => "[uuid]", ".organization_id" => "[uuid]", ".key_id" => "[uuid]",
        ".created_at" => "[time]", ".last_seen_at" => "[time]",
    });
    let by_key = owner.get(&format!("{KEYS}/daemons")).await.expect(200);
    let by_key = by_key.json();
    let names: Vec<&Value> = by_key
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["key"]["name"])
        .collect();
    assert_eq!(names, ["built-in", "psk", "user-auth", "builders"]);
    assert_eq!(by_key[3]["daemons"][0]["id"], first["id"]);
    assert_eq!(by_key[2]["daemons"], json!([]));
    daemon.tell("quit").await;
    daemon.event("no job").await;
    daemon.event("ended").await;
    let gone = until(&owner, "offline").await;
    assert_eq!(gone["id"], first["id"]);
    let _again = waiting(&server, &text, "one").await;
    let again = until(&owner, "idle").await;
    assert_eq!(
        (&again["id"], &again["created_at"]),
        (&first["id"], &first["created_at"])
    );
}

#[tokio::test]
async fn a_daemon_that_dies_is_shown_offline() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut daemon = waiting(&server, &key(&owner, "builders").await, "one").await;
    until(&owner, "idle").await;
    daemon.tell("die").await;
    until(&owner, "offline").await;
}

#[tokio::test]
async fn the_deletion_of_its_key_ends_a_session_at_once_and_the_daemon_is_forgotten() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut daemon = waiting(&server, &key(&owner, "builders").await, "one").await;
    until(&owner, "idle").await;
    let path = format!("{KEYS}/builders");
    owner.delete(&path).await.expect(204);
    let closed = daemon.closed().await;
    assert_eq!(
        (&closed["code"], &closed["reason"]),
        (&json!(1001), &json!("provisioner key deleted"))
    );
    assert_eq!(daemon.event("refused").await["status"], 401);
    assert_eq!(listed(&owner).await, json!([]));
}

#[tokio::test]
async fn the_suspension_of_its_user_ends_a_session_at_once() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let arguments = [
        "-token",
        &*ada.token,
        "-name",
        "own",
        "-tag",
        "scope=user",
        "-once",
    ];
    let mut daemon = Daemon::start(&server.at(SERVE), &arguments);
    daemon.go_to("acquire").await;
    daemon.tell("go").await;
    let shown = until(&owner, "idle").await;
    assert_eq!(
        shown["tags"],
        json!({ "scope": "user", "owner": ada.user_id })
    );
    assert_eq!(shown["key_name"], "user-auth");
    owner
        .put("/api/v2/users/ada/status/suspend", &json!({}))
        .await
        .expect(200);
    let closed = daemon.closed().await;
    assert_eq!(closed["code"], 1001);
    until(&owner, "offline").await;
}

#[tokio::test]
async fn of_two_daemons_of_one_name_the_later_one_stays() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let text = key(&owner, "builders").await;
    let arguments = ["-name", "one", "-once"];
    let mut earlier = Daemon::start_with(&server.at(SERVE), &text, &arguments);
    earlier.go_to("acquire").await;
    earlier.tell("go").await;
    earlier.event("waiting").await;
    let first = until(&owner, "idle").await;
    let _later = waiting(&server, &text, "one").await;
    let closed = earlier.closed().await;
    assert_eq!(closed["reason"], "another daemon of this name connected");
    assert_eq!(until(&owner, "idle").await["id"], first["id"]);
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_is_found_again() {
    let mut server = Server::start().await;
    let text = key(&server.owner().await, "builders").await;
    let mut daemon = waiting(&server, &text, "one").await;
    server.stop().await;
    let closed = daemon.closed().await;
    assert_eq!(
        (&closed["code"], &closed["reason"]),
        (&json!(1001), &json!("the server stops"))
    );
    server.run().await;
    daemon.event("waiting").await;
}

#[tokio::test]
async fn there_is_no_job_to_say_anything_of() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let text = key(&owner, "builders").await;
    let mut daemon = Daemon::start_with(&server.at(SERVE), &text, &["-name", "one"]);
    daemon.go_to("acquire").await;
    let unknown = "00000000-0000-0000-0000-00000000000a";
    for rpc in ["UpdateJob", "FailJob", "CompleteJob", "CommitQuota"] {
        let called = daemon.ask(&format!("call {rpc} {unknown}"), "called").await;
        assert_eq!(called["error"], "get job: there is no such job");
        let called = daemon.ask(&format!("call {rpc} x"), "called").await;
        let error = called["error"].as_str().unwrap();
        assert!(error.starts_with("parse job id: "), "{error}");
    }
    let uploaded = daemon.ask("upload 10", "uploaded").await;
    assert_ne!(uploaded["error"], Value::Null);
    let downloaded = daemon.ask("download x", "downloaded").await;
    assert_eq!(downloaded["error"], "it is not a modules file");
}

/// What is answered to one who asks to come in with this query and these headers.
async fn asked(server: &Server, query: &str, headers: &[(&str, &str)]) -> Answer {
    let request = server.request(Method::GET, &format!("{SERVE}{query}"));
    Answer::with(request, headers).await
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why_in_the_contracts_words_and_order() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let text = key(&owner, "builders").await;
    let by_key = [(KEY_HEADER, &*text)];
    let by_user = [("Coder-Session-Token", &*owner.token)];
    let required = "provisioner daemon key required";
    asked(&server, "", &[]).await.expect_error(401, required);
    let wrong = [(KEY_HEADER, &*"x".repeat(43))];
    let invalid = "provisioner daemon key invalid";
    asked(&server, "", &wrong).await.expect_error(401, invalid);
    for (query, message) in [
        (
            "?tag=x",
            "Invalid format for tag \"x\". Key and value must be separated with =.",
        ),
        ("", "The provisioner query parameter must be specified."),
        ("?provisioner=x", "Unknown provisioner type \"x\""),
    ] {
        asked(&server, query, &by_user)
            .await
            .expect_error(400, message);
    }
    let forbidden = |scope: &str| {
        format!("You aren't allowed to create provisioner daemons with scope \"{scope}\"")
    };
    let both = [by_key[0], by_user[0]];
    let own = [("Coder-Session-Token", &*ada.token)];
    for (query, headers, scope, detail) in [
        (
            "?provisioner=echo&tag=a=b&tag=scope=user",
            &by_key[..],
            "user",
            "tags are not allowed when using a provisioner key",
        ),
        (
            "?provisioner=echo",
            &both,
            "",
            "Both API key and provisioner key authentication provided. Only one is allowed.",
        ),
        (
            "?provisioner=echo&tag=scope=organization",
            &own,
            "organization",
            "user unauthorized",
        ),
    ] {
        let refused = asked(&server, query, headers).await;
        let refused = refused.expect_error(403, &forbidden(scope));
        assert_eq!(refused.member("detail"), detail);
    }
    let tags = "Given tags are not acceptable to the service";
    let unprintable = asked(&server, "?provisioner=echo&tag=a=%01", &by_user).await;
    unprintable.expect_error(400, tags);
    for version in ["1.21", "2.0", "x"] {
        let query = format!("?provisioner=echo&version={version}");
        let refused = asked(&server, &query, &by_key).await;
        let refused = refused.expect_error(400, "Incompatible or unparsable version");
        assert_eq!(refused.fields(), ["version"]);
    }
    asked(&server, "?provisioner=echo", &by_key)
        .await
        .expect(400);
    // A key opens its own organization alone.
    let other = owner.organization("other").await;
    let elsewhere =
        format!("/api/v2/organizations/{other}/provisionerdaemons/serve?provisioner=echo");
    let request = server
        .request(Method::GET, &elsewhere)
        .header(KEY_HEADER, &text);
    let refused = Answer::to(request).await.expect_error(403, &forbidden(""));
    assert_eq!(
        refused.member("detail"),
        "the provisioner key belongs to another organization"
    );
    assert_eq!(listed(&owner).await, json!([]));
    ada.get(DAEMONS).await.expect_error(404, NOT_FOUND);
}

#[tokio::test]
async fn lists_of_daemons_are_filtered_by_what_is_known() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let text = key(&owner, "builders").await;
    let _one = waiting(&server, &text, "one").await;
    let _two = waiting(&server, &text, "two").await;
    let daemons = until_all(&owner, &["idle", "idle"]).await;
    let two = daemons[1]["id"].as_str().unwrap();
    let ids = format!("?ids={two}");
    for (query, names) in [
        ("", &["one", "two"][..]),
        ("?limit=1", &["one"]),
        ("?limit=0", &["one", "two"]),
        (&ids, &["two"]),
        ("?tags={\"region\":\"eu\"}", &["one", "two"]),
        ("?tags={\"region\":\"us\"}", &[]),
    ] {
        let listed = owner.get(&format!("{DAEMONS}{query}")).await.expect(200);
        assert_eq!(listed.each("name"), names, "{query}");
    }
    for query in ["?limit=x", "?ids=x", "?tags=x", "?other=x"] {
        let refused = owner.get(&format!("{DAEMONS}{query}")).await;
        refused.expect_error(400, "Invalid query parameters.");
    }
}
