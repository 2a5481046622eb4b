use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{NOT_FOUND, Server, UNKNOWN};
use crate::{ORGANIZATIONS, path};

#[tokio::test]
async fn the_default_organization_is_there_from_the_start() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let found = owner.get(&path("default")).await.expect(200);
    insta::assert_json_snapshot!("default_organization", found.json(), {
        ".id" => "[uuid]", ".created_at" => "[time]", ".updated_at" => "[time]",
    });
    for text in ["coder", "CODER", &found.member("id")] {
        assert_eq!(
            owner.get(&path(text)).await.expect(200).json(),
            found.json()
        );
    }
    for text in ["nowhere", UNKNOWN] {
        owner.get(&path(text)).await.expect_error(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_new_organization_has_its_creator_and_its_group_of_everyone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({ "name": "acme", "display_name": "Acme", "description": "We make it", "icon": "/i.png" });
    let created = owner.post(ORGANIZATIONS, &body).await.expect(201);
    insta::assert_json_snapshot!("created_organization", created.json(), {
        ".id" => "[uuid]", ".created_at" => "[time]", ".updated_at" => "[time]",
    });
    let members = owner.get(&path("acme/members")).await.expect(200);
    assert_eq!(members.each("username"), ["owner"]);
    let groups = owner.get(&path("acme/groups")).await.expect(200);
    assert_eq!(groups.each("id"), [created.member("id")]);
    let unnamed = owner
        .post(ORGANIZATIONS, &json!({ "name": "plain" }))
        .await
        .expect(201);
    assert_eq!(unnamed.member("display_name"), "plain");
}

#[tokio::test]
async fn bad_names_are_refused_naming_the_field() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let other = owner.organization("other").await;
    let cases = [
        ("name", json!("a b"), "Validation failed."),
        ("name", json!("new"), "Validation failed."),
        ("name", json!("x".repeat(33)), "Validation failed."),
        (
            "name",
            json!("default"),
            "Organization name \"default\" is reserved.",
        ),
        ("display_name", json!(" a"), "Validation failed."),
        ("description", json!("x".repeat(5000)), "Validation failed."),
    ];
    for (field, value, message) in cases {
        let mut body = json!({ "name": "acme" });
        body[field] = value;
        let refused = owner
            .post(ORGANIZATIONS, &body)
            .await
            .expect_error(400, message);
        assert_eq!(refused.fields(), [field]);
        let refused = owner
            .patch(&path(&other), &body)
            .await
            .expect_error(400, message);
        assert_eq!(refused.fields(), [field]);
    }
    let unnamed = owner.post(ORGANIZATIONS, &json!({})).await.expect(400);
    assert_eq!(unnamed.fields(), ["name"]);
    let taken = "Organization already exists with that name.";
    owner
        .post(ORGANIZATIONS, &json!({ "name": "OTHER" }))
        .await
        .expect_error(409, taken);
    owner
        .patch(&path(&other), &json!({ "name": "coder" }))
        .await
        .expect_error(409, taken);
}

#[tokio::test]
async fn an_update_keeps_what_it_leaves_out() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = owner.organization("acme").await;
    let body = json!({ "description": "We make it", "icon": "/i.png" });
    let changed = owner.patch(&path("acme"), &body).await.expect(200).json();
    let shown = |answer: &Value| {
        ["name", "display_name", "description", "icon"]
            .map(|field| answer[field].as_str().unwrap().to_owned())
    };
    assert_eq!(shown(&changed), ["acme", "acme", "We make it", "/i.png"]);
    let renamed = json!({ "name": "apex", "description": null, "icon": "" });
    let renamed = owner.patch(&path(&id), &renamed).await.expect(200).json();
    assert_eq!(shown(&renamed), ["apex", "acme", "We make it", ""]);
    owner.get(&path("acme")).await.expect_error(404, NOT_FOUND);
    owner.organization("acme").await;
}

#[tokio::test]
async fn a_deleted_organization_is_gone_and_the_default_one_stays() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let other = owner.organization("other").await;
    let ada = owner.person("ada", &[&home, &other]).await;
    let default = owner.delete(&path("default")).await;
    default.expect_error(400, "Default organization cannot be deleted.");
    owner
        .delete(&path("other"))
        .await
        .expect_error(200, "Organization has been deleted.");
    for gone in [
        path(&other),
        path("other"),
        path("other/members"),
        path("other/groups"),
    ] {
        owner.get(&gone).await.expect_error(404, NOT_FOUND);
    }
    owner
        .delete(&path(&other))
        .await
        .expect_error(404, NOT_FOUND);
    let me = ada.get("/api/v2/users/me").await.expect(200).json();
    assert_eq!(me["organization_ids"], json!([home]));
    owner.organization("other").await;
}

#[tokio::test]
async fn everyone_lists_the_organizations_that_he_may_read() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    owner.organization("other").await;
    let ada = owner.person("ada", &[&home]).await;
    let list = async || ada.get(ORGANIZATIONS).await.expect(200).each("name");
    assert_eq!(list().await, ["coder"]);
    ada.get(&path("other")).await.expect_error(404, NOT_FOUND);
    assert_eq!(
        ada.get("/api/v2/users/me/organizations")
            .await
            .expect(200)
            .each("name"),
        ["coder"]
    );
    ada.get("/api/v2/users/me/organizations/coder")
        .await
        .expect(200);
    ada.get("/api/v2/users/me/organizations/other")
        .await
        .expect_error(404, NOT_FOUND);
    for role in ["auditor", "template-admin", "user-admin"] {
        owner
            .put("/api/v2/users/ada/roles", &json!({ "roles": [role] }))
            .await
            .expect(200);
        assert_eq!(list().await, ["coder", "other"], "{role}");
        // In it he is not, even though he may read it.
        ada.get("/api/v2/users/me/organizations/other")
            .await
            .expect_error(404, NOT_FOUND);
        ada.patch(&path("other"), &json!({ "icon": "x" }))
            .await
            .expect_error(403, "Forbidden.");
        let refused = ada.post(ORGANIZATIONS, &json!({ "name": "mine" })).await;
        refused.expect_error(403, "You are not authorized to create organizations.");
    }
}

#[tokio::test]
async fn an_organizations_admin_changes_and_deletes_his_own() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (acme, apex) = (
        owner.organization("acme").await,
        owner.organization("apex").await,
    );
    let ada = owner.person("ada", &[&acme, &apex]).await;
    owner
        .set_member_roles(&acme, "ada", &["organization-admin"])
        .await
        .expect(200);
    let body = json!({ "icon": "/i.png" });
    ada.patch(&path("acme"), &body).await.expect(200);
    ada.patch(&path("apex"), &body)
        .await
        .expect_error(403, "Forbidden.");
    ada.delete(&path("apex"))
        .await
        .expect_error(403, "Forbidden.");
    ada.delete(&path("acme")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_create_an_organization_of_one_name_at_once_one_does() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for race in 0..100 {
        let body = json!({ "name": format!("organization-{race}") });
        let both = [
            owner.post(ORGANIZATIONS, &body),
            owner.post(ORGANIZATIONS, &body),
        ];
        let mut statuses: Vec<u16> = join_all(both)
            .await
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}
