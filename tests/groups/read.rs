use serde_json::json;

use crate::support::{NOT_FOUND, Server, Session, UNKNOWN};
use crate::{add, members, path};

/// Groups `crew` (ada) and `staff` (ada and bob) of the default organization, and one of another organization.
async fn groups<'a>(owner: &Session<'a>) -> (Session<'a>, Session<'a>, String, String) {
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let bob = owner.person("bob", &[&home]).await;
    let crew = owner.group(&home, "crew").await;
    let staff = owner.group(&home, "staff").await;
    add(owner, &crew, &["ada"]).await.expect(200);
    add(owner, &staff, &["ada", "bob"]).await.expect(200);
    let other = owner.organization("other").await;
    owner.group(&other, "elsewhere").await;
    (ada, bob, crew, staff)
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[tokio::test]
async fn a_group_is_the_same_by_id_and_by_name() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_, _, _, staff) = groups(&owner).await;
    let by_id = owner.get(&path(&staff)).await.expect(200);
    insta::assert_json_snapshot!("group", by_id.json(), {
        ".id" => "[uuid]", ".organization_id" => "[uuid]", ".members[].id" => "[uuid]",
        ".members[].created_at" => "[time]", ".members[].updated_at" => "[time]", ".members[].last_seen_at" => "[time]",
    });
    for organization in ["default", "coder", &by_id.member("organization_id")] {
        let by_name = format!("/api/v2/organizations/{organization}/groups/staff");
        let named = owner.get(&by_name).await.expect(200).json();
        // When a member was last seen may be noted in between, once.
        let again = owner.get(&path(&staff)).await.expect(200).json();
        assert!(named == by_id.json() || named == again, "{named}");
    }
    for missing in [
        path(UNKNOWN),
        "/api/v2/organizations/default/groups/STAFF".to_owned(),
        "/api/v2/organizations/default/groups/elsewhere".to_owned(),
        "/api/v2/organizations/nowhere/groups/staff".to_owned(),
    ] {
        owner.get(&missing).await.expect_error(404, NOT_FOUND);
    }
    owner
        .get(&path("staff"))
        .await
        .expect_error(400, "Invalid UUID \"staff\".");
}

#[tokio::test]
async fn an_ordinary_member_sees_his_groups_and_himself_in_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_, bob, crew, staff) = groups(&owner).await;
    let list = bob.get("/api/v2/groups").await.expect(200);
    assert_eq!(list.each("name"), ["Everyone", "staff"]);
    for group in list.json().as_array().unwrap() {
        assert_eq!(members(group), ["bob"]);
    }
    assert_eq!(list.json()[0]["total_member_count"], 3);
    assert_eq!(list.json()[1]["total_member_count"], 2);
    let group = bob.get(&path(&staff)).await.expect(200).json();
    assert_eq!(
        (members(&group), &group["total_member_count"]),
        (vec!["bob"], &json!(2))
    );
    bob.get(&path(&crew)).await.expect_error(404, NOT_FOUND);
    let by_name = bob.get("/api/v2/organizations/default/groups/crew").await;
    by_name.expect_error(404, NOT_FOUND);
}

#[tokio::test]
async fn filters_combine() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (ada, bob, crew, staff) = groups(&owner).await;
    let names = async |query: &str| {
        let answer = owner
            .get(&format!("/api/v2/groups{query}"))
            .await
            .expect(200);
        sorted(answer.each("name"))
    };
    assert_eq!(
        names("").await,
        ["Everyone", "Everyone", "crew", "elsewhere", "staff"]
    );
    assert_eq!(
        names("?organization=other").await,
        ["Everyone", "elsewhere"]
    );
    assert_eq!(names("?has_member=bob").await, ["Everyone", "staff"]);
    assert_eq!(
        names(&format!("?has_member={}", ada.user_id)).await,
        ["Everyone", "crew", "staff"]
    );
    assert_eq!(
        names("?has_member=me&organization=default").await,
        ["Everyone"]
    );
    assert_eq!(
        names(&format!("?group_ids={crew},{staff},{UNKNOWN}")).await,
        ["crew", "staff"]
    );
    assert_eq!(
        names(&format!("?group_ids={crew}&has_member=bob")).await,
        [""; 0]
    );
    assert_eq!(
        names("?organization=default&limit=1&offset=1").await,
        ["crew"]
    );
    let in_organization = owner
        .get("/api/v2/organizations/coder/groups?has_member=bob")
        .await;
    assert_eq!(
        in_organization.expect(200).each("name"),
        ["Everyone", "staff"]
    );
    let nothing = owner
        .get(&format!("/api/v2/groups?group_ids={UNKNOWN}"))
        .await
        .expect(200);
    assert_eq!(nothing.text, "[]\n");
    let bare = owner
        .get("/api/v2/groups?has_member=bob&exclude_members=true")
        .await
        .expect(200);
    assert_eq!(bare.json()[1]["members"], json!([]));
    assert_eq!(bare.json()[1]["total_member_count"], 2);
    assert_eq!(
        bob.get(&format!("/api/v2/groups?group_ids={crew}"))
            .await
            .expect(200)
            .text,
        "[]\n"
    );
}

#[tokio::test]
async fn bad_parameters_are_named_and_an_unseen_user_is_an_unknown_one() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (_, bob, _, _) = groups(&owner).await;
    let text = "Query parameters have invalid values.";
    for (query, field) in [
        ("group_ids=x", "group_ids"),
        ("organization=nowhere", "organization"),
        ("has_member=nobody", "has_member"),
        ("organisation=default", "organisation"),
        ("limit=-1", "limit"),
        ("exclude_members=1", "exclude_members"),
    ] {
        let refused = owner
            .get(&format!("/api/v2/groups?{query}"))
            .await
            .expect_error(400, text);
        assert_eq!(refused.fields(), [field]);
    }
    let unseen = bob
        .get("/api/v2/groups?has_member=ada")
        .await
        .expect_error(400, text);
    let unknown = bob
        .get("/api/v2/groups?has_member=who")
        .await
        .expect_error(400, text);
    assert_eq!(unseen.text.replace("ada", "who"), unknown.text);
    let unseen = bob
        .get("/api/v2/groups?organization=other")
        .await
        .expect_error(400, text);
    let unknown = bob
        .get("/api/v2/groups?organization=wherever")
        .await
        .expect_error(400, text);
    assert_eq!(unseen.text.replace("other", "wherever"), unknown.text);
}

#[tokio::test]
async fn deleted_users_are_left_out_and_suspended_and_dormant_ones_are_not() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let staff = owner.group(&home, "staff").await;
    for name in ["ada", "bob", "cyd"] {
        owner.create_person(name, &[&home]).await.expect(201);
    }
    let body = json!({
        "username": "dan", "email": "dan@example.com", "password": crate::support::PASSWORD,
        "user_status": "dormant", "organization_ids": [&home],
    });
    owner.post("/api/v2/users", &body).await.expect(201);
    add(&owner, &staff, &["ada", "bob", "cyd", "dan"])
        .await
        .expect(200);
    owner.delete("/api/v2/users/ada").await.expect(200);
    owner
        .put("/api/v2/users/bob/status/suspend", &json!({}))
        .await
        .expect(200);
    for (id, expected) in [
        (&staff, vec!["bob", "cyd", "dan"]),
        (&home, vec!["bob", "cyd", "dan", "owner"]),
    ] {
        let group = owner.get(&path(id)).await.expect(200).json();
        assert_eq!(members(&group), expected);
        assert_eq!(group["total_member_count"], expected.len());
    }
    // Another user of the same name is not in the group.
    owner.create_person("ada", &[&home]).await.expect(201);
    assert_eq!(
        members(&owner.get(&path(&staff)).await.json()),
        ["bob", "cyd", "dan"]
    );
}

#[tokio::test]
async fn who_manages_an_organization_sees_its_groups_whole_and_no_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    groups(&owner).await;
    let home = owner.default_organization().await;
    let eve = owner.person("eve", &[&home]).await;
    for role in [
        "organization-admin",
        "organization-user-admin",
        "organization-template-admin",
        "organization-auditor",
    ] {
        owner
            .set_member_roles(&home, "eve", &[role])
            .await
            .expect(200);
        let list = eve.get("/api/v2/groups").await.expect(200);
        assert_eq!(list.each("name"), ["Everyone", "crew", "staff"], "{role}");
        assert_eq!(members(&list.json()[2]), ["ada", "bob"]);
        eve.get("/api/v2/organizations/other/groups")
            .await
            .expect_error(404, NOT_FOUND);
    }
    owner.set_member_roles(&home, "eve", &[]).await.expect(200);
    assert_eq!(
        eve.get("/api/v2/groups").await.expect(200).each("name"),
        ["Everyone"]
    );
    for role in ["auditor", "template-admin", "user-admin"] {
        let roles = json!({ "roles": [role] });
        owner
            .put("/api/v2/users/eve/roles", &roles)
            .await
            .expect(200);
        let list = eve.get("/api/v2/groups").await.expect(200);
        assert_eq!(list.json().as_array().unwrap().len(), 5, "{role}");
    }
}
