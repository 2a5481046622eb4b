use serde_json::{Value, json};

use crate::path;
use crate::support::{Server, Session};

async fn entries(owner: &Session<'_>, query: &str, replaced: &[(&str, &str)]) -> Vec<Value> {
    let entries = owner.audit(query).await;
    let shown = entries.iter().rev().map(|entry| {
        let shown = json!({
            "action": entry["action"], "status_code": entry["status_code"], "target": entry["resource_target"],
            "by": entry["user"]["username"], "diff": entry["diff"],
        });
        let text = replaced
            .iter()
            .fold(shown.to_string(), |text, (value, name)| text.replace(value, name));
        serde_json::from_str(&text).unwrap()
    });
    shown.collect()
}

#[tokio::test]
async fn every_change_of_an_organization_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = owner.organization("acme").await;
    let change = json!({ "name": "apex", "description": "We make it" });
    owner.patch(&path(&id), &change).await.expect(200);
    owner.patch(&path(&id), &change).await.expect(200);
    owner.delete(&path(&id)).await.expect(200);
    let query = format!("resource_type:organization resource_id:{id}");
    insta::assert_json_snapshot!("audit_of_an_organization", entries(&owner, &query, &[]).await, {
        "[].diff.updated_at.*" => "[time]",
    });
}

#[tokio::test]
async fn every_change_of_a_membership_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner
        .create_person("ada", &[&home])
        .await
        .expect(201)
        .member("id");
    owner.organization("other").await;
    owner
        .post(&path("other/members/ada"), &json!({}))
        .await
        .expect(200);
    owner
        .set_member_roles("other", "ada", &["organization-auditor"])
        .await
        .expect(200);
    owner.delete(&path("other/members/ada")).await.expect(204);
    let query = "resource_type:organization_member organization:other resource_target:ada";
    let found = entries(&owner, query, &[(&ada, "[ada]")]).await;
    insta::assert_json_snapshot!("audit_of_a_membership", found, {
        "[].diff.created_at.*" => "[time]", "[].diff.updated_at.*" => "[time]",
    });
}
