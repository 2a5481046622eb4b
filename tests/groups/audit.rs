use serde_json::{Value, json};

use crate::support::Server;
use crate::{add, path};

#[tokio::test]
async fn every_change_of_a_group_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner
        .create_person("ada", &[&home])
        .await
        .expect(201)
        .member("id");
    let id = owner.group(&home, "staff").await;
    let change = json!({ "name": "crew", "quota_allowance": 7, "display_name": "The Crew" });
    owner.patch(&path(&id), &change).await.expect(200);
    owner.patch(&path(&id), &change).await.expect(200);
    add(&owner, &id, &[&ada]).await.expect(200);
    add(&owner, &id, &[&ada]).await.expect(400);
    owner.delete(&path(&id)).await.expect(200);
    let entries = owner
        .audit(&format!("resource_type:group resource_id:{id}"))
        .await;
    for entry in &entries {
        assert_eq!(entry["organization"]["id"], home.as_str());
        assert_eq!(entry["user"]["username"], "owner");
    }
    let shown: Vec<Value> = entries
        .iter()
        .rev()
        .map(|entry| {
            let text = json!({
                "action": entry["action"], "status_code": entry["status_code"], "target": entry["resource_target"],
                "description": entry["description"], "is_deleted": entry["is_deleted"], "diff": entry["diff"],
            });
            let text = text.to_string().replace(&id, "[group]").replace(&ada, "[ada]");
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    insta::assert_json_snapshot!("audit_of_a_group", shown);
}

#[tokio::test]
async fn leaving_the_organization_shows_in_the_trail_of_the_group() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner
        .create_person("ada", &[&home])
        .await
        .expect(201)
        .member("id");
    let id = owner.group(&home, "staff").await;
    add(&owner, &id, &["ada"]).await.expect(200);
    owner
        .delete("/api/v2/organizations/default/members/ada")
        .await
        .expect(204);
    let entries = owner
        .audit(&format!("resource_type:group resource_id:{id}"))
        .await;
    let difference = json!({
        "members": { "old": [{ "user_id": ada, "group_id": id }], "new": [], "secret": false },
    });
    assert_eq!(entries[0]["diff"], difference);
    assert_eq!(entries.len(), 3);
}
