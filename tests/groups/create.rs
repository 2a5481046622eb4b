use serde_json::{Value, json};

use crate::support::{NOT_FOUND, Server, UNKNOWN};

const DEFAULT: &str = "/api/v2/organizations/default/groups";

#[tokio::test]
async fn a_group_is_created_with_what_was_asked_for_and_without_members() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({
        "name": "staff", "display_name": "Staff", "avatar_url": "/icon.png", "quota_allowance": 2_147_483_647,
    });
    let created = owner.post(DEFAULT, &body).await.expect(201);
    insta::assert_json_snapshot!("created_group", created.json(), {
        ".id" => "[uuid]", ".organization_id" => "[uuid]",
    });
    assert_ne!(created.member("id"), created.member("organization_id"));
}

#[tokio::test]
async fn invalid_groups_are_refused_naming_the_field() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let cases = [
        ("name", json!("")),
        ("name", Value::Null),
        ("name", json!("new")),
        ("name", json!("create")),
        ("name", json!("a b")),
        ("name", json!("-a")),
        ("name", json!("x".repeat(37))),
        ("display_name", json!(" a")),
        ("display_name", json!("x".repeat(65))),
        ("avatar_url", json!("x".repeat(5000))),
        ("quota_allowance", json!(-1)),
        ("quota_allowance", json!(2_147_483_648_i64)),
    ];
    for (field, value) in cases {
        let mut body = json!({ "name": "staff" });
        body[field] = value;
        let refused = owner
            .post(DEFAULT, &body)
            .await
            .expect_error(400, "Validation failed.");
        assert_eq!(refused.fields(), [field], "{body}");
    }
    let body = json!({ "name": "new" });
    let refused = owner.post(DEFAULT, &body).await.expect(400).json();
    assert_eq!(
        refused["validations"][0]["detail"],
        "Validation failed for tag \"group_name\" with value: \"new\""
    );
    let named = json!({ "name": "x".repeat(36), "quota_allowance": null, "unknown": true });
    owner.post(DEFAULT, &named).await.expect(201);
}

#[tokio::test]
async fn no_other_group_is_called_everyone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let refused = owner.post(DEFAULT, &json!({ "name": "Everyone" })).await;
    let refused = refused.expect_error(400, "Invalid group name.");
    let expected = json!([{ "field": "name", "detail": "\"Everyone\" is a reserved group name" }]);
    assert_eq!(refused.json()["validations"], expected);
    owner
        .post(DEFAULT, &json!({ "name": "everyone" }))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_name_is_taken_in_its_organization_only_and_with_regard_to_case() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.group("default", "staff").await;
    let refused = owner.post(DEFAULT, &json!({ "name": "staff" })).await;
    let refused = refused.expect_error(409, "A group named \"staff\" already exists.");
    let expected = json!([{ "field": "name", "detail": "Group names must be unique" }]);
    assert_eq!(refused.json()["validations"], expected);
    owner.group("default", "Staff").await;
    let other = owner.organization("other").await;
    owner.group(&other, "staff").await;
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let request = owner.request(reqwest::Method::POST, DEFAULT).body("{");
    let refused = crate::support::Answer::to(request).await;
    let refused = refused.expect_error(400, "Request body must be valid JSON.");
    assert!(refused.json()["detail"].is_string());
    let fraction = json!({ "name": "staff", "quota_allowance": 1.5 });
    owner
        .post(DEFAULT, &fraction)
        .await
        .expect_error(400, "Request body must be valid JSON.");
}

#[tokio::test]
async fn who_may_not_create_is_refused_and_an_unseen_organization_does_not_exist() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let member = owner.person("member", &[&home]).await;
    let body = json!({ "name": "staff" });
    member
        .post(DEFAULT, &body)
        .await
        .expect_error(403, "Forbidden.");
    owner.organization("other").await;
    for organization in ["other", "nowhere", UNKNOWN] {
        let path = format!("/api/v2/organizations/{organization}/groups");
        member.post(&path, &body).await.expect_error(404, NOT_FOUND);
    }
    owner
        .set_member_roles(&home, "member", &["organization-user-admin"])
        .await
        .expect(200);
    member.post(DEFAULT, &body).await.expect(201);
    member
        .post("/api/v2/organizations/other/groups", &body)
        .await
        .expect_error(404, NOT_FOUND);
}
