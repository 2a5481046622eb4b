use reqwest::Method;
use serde_json::{Value, json};

use crate::{USERS, ask, provision, sent, server};

#[tokio::test]
async fn the_trail_shows_what_scim_did_and_names_it_as_the_actor() {
    let server = server().await;
    let owner = server.owner().await;
    let made = provision(&server, &sent("ada", true)).await;
    let path = format!("{USERS}/{}", made["id"].as_str().unwrap());
    for active in [false, false, true] {
        let body = json!({ "active": active });
        ask(&server, Method::PATCH, &path, Some(&body))
            .await
            .expect(200);
    }
    let entries = owner.audit("resource_target:ada").await;
    let shown: Vec<Value> = entries
        .iter()
        .rev()
        .map(|entry| {
            json!({
                "action": entry["action"], "resource_type": entry["resource_type"], "status_code": entry["status_code"],
                "user": entry["user"], "additional_fields": entry["additional_fields"], "diff": entry["diff"],
            })
        })
        .collect();
    insta::assert_json_snapshot!("audit_of_scim", shown, {
        "[].diff.id.new" => "[id]", "[].diff.user_id.new" => "[id]",
        "[].diff.created_at" => "[time]", "[].diff.updated_at" => "[time]",
    });
    let events = owner
        .get("/api/v2/ledger/events?newest_first=true&limit=1")
        .await;
    let newest = &events.expect(200).json()["events"][0];
    assert_eq!(newest["metadata"]["actor_kind"], "scim", "{newest}");
}
