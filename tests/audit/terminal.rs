use reqwest::Method;
use serde_json::{Value, json};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::support::{Answer, Ran, Server, chancery};
use crate::url;

/// Reads as `Eve edoc` on a terminal that reverses what it is told to.
const NAME: &str = "Eve \u{202e}code\u{2066}\u{200b}\u{e0001}";
const AGENT: &str = "=curl\u{202e}\u{2028}";

/// Whether the character steers how others are shown. Lines have to end, of course.
fn steers(character: char) -> bool {
    let category = character.general_category();
    character != '\n'
        && matches!(
            category,
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}

#[track_caller]
fn assert_harmless(ran: &Ran) {
    assert!(
        !ran.stdout.contains(steers) && !ran.stderr.contains(steers),
        "{ran:?}"
    );
}

#[tokio::test]
async fn names_that_others_chose_steer_no_terminal_and_are_whole_in_json() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let groups = "/api/v2/organizations/default/groups";
    let request = owner
        .request(Method::POST, groups)
        .header("User-Agent", AGENT.as_bytes())
        .json(&json!({ "name": "council", "display_name": NAME }));
    let id = Answer::to(request).await.expect(201).member("id");
    let stream = format!("group/{id}");
    let position: i64 = sqlx::query_scalar("SELECT max(position) FROM events")
        .fetch_one(server.pool())
        .await
        .unwrap();
    let position = position.to_string();
    sqlx::raw_sql("UPDATE projection_registry.states SET name_key = name_key || U&'\\202E'")
        .execute(server.pool())
        .await
        .unwrap();
    let url = url(&server);
    let mut shown = String::new();
    for arguments in [
        &["audit", "list", "--all"][..],
        &["audit", "show", &position],
        &["audit", "replay", &stream],
        &["audit", "replay", &stream, "--steps"],
        &["audit", "replay", "--all", "--at", &position],
        &["audit", "follow", "--from", "1", "--to", &position],
        &["audit", "show", NAME],
        &["audit", "list", "--resource", NAME],
    ] {
        for format in ["table", "json", "csv"] {
            let arguments = [arguments, &["--format", format]].concat();
            let ran = chancery(&url, &arguments).await;
            // What was typed is echoed when it is refused: that was the caller's own choice.
            if ran.status != 2 {
                assert_harmless(&ran);
            }
            shown.push_str(&ran.stdout);
        }
    }
    for arguments in [&["projections", "verify"][..], &["projections", "status"]] {
        for json in [&[][..], &["--json"]] {
            let ran = chancery(&url, &[arguments, json].concat()).await;
            assert_harmless(&ran);
            shown.push_str(&ran.stdout);
        }
    }
    assert!(shown.contains("Eve") && shown.contains("\\u202e"));
    assert!(!server.logs().contains(steers), "{}", server.logs());
    let show = ["audit", "show", &position, "--json"];
    let event: Value = chancery(&url, &show).await.json().remove(0);
    assert_eq!(event["event"]["payload"]["display_name"], NAME);
}
