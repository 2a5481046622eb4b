use serde_json::{Value, json};

use crate::support::{Server, UNKNOWN};
use crate::{GROUPS, ORGANIZATIONS, ROLES};

#[tokio::test]
async fn every_change_of_settings_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let add = |gets: &str| json!({ "add": [{ "given": "devs", "gets": gets }] });
    for (path, body) in [
        (
            ORGANIZATIONS,
            json!({ "field": "orgs", "organization_assign_default": true }),
        ),
        (ORGANIZATIONS, json!({ "field": "orgs" })),
        (
            GROUPS,
            json!({ "field": "groups", "regex_filter": "^d", "auto_create_missing_groups": true }),
        ),
        (ROLES, json!({ "field": "roles" })),
    ] {
        owner.patch(path, &body).await.expect(200);
        // What is so already leaves no entry.
        owner.patch(path, &body).await.expect(200);
    }
    owner
        .patch(&format!("{GROUPS}/mapping"), &add(UNKNOWN))
        .await
        .expect(200);
    owner
        .patch(&format!("{ROLES}/mapping"), &add("organization-auditor"))
        .await
        .expect(200);
    let mut shown = Vec::new();
    for kind in ["organization", "group", "role"] {
        let entries = owner
            .audit(&format!("resource_type:idp_sync_settings_{kind}"))
            .await;
        shown.extend(entries.iter().rev().map(|entry| {
            json!({
                "action": entry["action"], "status_code": entry["status_code"], "target": entry["resource_target"],
                "by": entry["user"]["username"], "diff": entry["diff"], "description": entry["description"],
                "organization": entry["organization"]["name"], "resource_type": entry["resource_type"],
            })
        }));
    }
    insta::assert_json_snapshot!("audit_of_settings", shown);
}

#[tokio::test]
async fn admins_of_an_organization_see_the_entries_of_its_settings() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    owner
        .set_member_roles(&home, "ada", &["organization-admin"])
        .await
        .expect(200);
    for path in [ORGANIZATIONS, GROUPS] {
        owner
            .patch(path, &json!({ "field": "x" }))
            .await
            .expect(200);
    }
    let of = async |kind: &str| -> Vec<Value> {
        ada.audit(&format!("resource_type:idp_sync_settings_{kind}"))
            .await
    };
    assert_eq!(of("group").await.len(), 1);
    assert_eq!(of("organization").await.len(), 0);
}
