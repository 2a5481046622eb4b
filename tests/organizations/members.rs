use serde_json::json;

use crate::path;
use crate::support::{NOT_FOUND, Server, UNKNOWN};

#[tokio::test]
async fn members_are_listed_in_order_of_joining_and_in_pages() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    for name in ["zed", "ada", "bob"] {
        owner.create_person(name, &[&home]).await.expect(201);
    }
    owner
        .set_member_roles(&home, "ada", &["organization-auditor"])
        .await
        .expect(200);
    let all = owner.get(&path("default/members")).await.expect(200);
    assert_eq!(all.each("username"), ["owner", "zed", "ada", "bob"]);
    insta::assert_json_snapshot!("members", [&all.json()[0], &all.json()[2]], {
        "[].user_id" => "[uuid]", "[].organization_id" => "[uuid]", "[].created_at" => "[time]", "[].updated_at" => "[time]",
        "[].roles[].organization_id" => "[uuid]",
    });
    let page = async |query: &str| {
        let answer = owner
            .get(&path(&format!("default/paginated-members{query}")))
            .await
            .expect(200)
            .json();
        let members = answer["members"].as_array().unwrap().clone();
        let names: Vec<String> = members
            .iter()
            .map(|one| one["username"].as_str().unwrap().to_owned())
            .collect();
        (names, answer["count"].as_i64().unwrap())
    };
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(page("").await, (names(&["owner", "zed", "ada", "bob"]), 4));
    assert_eq!(page("?limit=2&offset=1").await, (names(&["zed", "ada"]), 4));
    assert_eq!(page("?offset=9").await, (vec![], 4));
    let refused = owner
        .get(&path("default/paginated-members?limit=-1&offset=x"))
        .await;
    let refused = refused.expect_error(400, "Query parameters have invalid values.");
    assert_eq!(refused.fields(), ["limit", "offset"]);
}

#[tokio::test]
async fn a_user_joins_once_and_leaves_with_his_roles() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let other = owner.organization("other").await;
    let ada = owner.person("ada", &[&home]).await;
    let member = path("other/members/ada");
    let joined = owner.post(&member, &json!({})).await.expect(200);
    insta::assert_json_snapshot!("joined_member", joined.json(), {
        ".user_id" => "[uuid]", ".organization_id" => "[uuid]", ".created_at" => "[time]", ".updated_at" => "[time]",
    });
    let again = owner.post(&member, &json!({})).await;
    again.expect_error(
        400,
        "Organization member already exists in this organization",
    );
    owner
        .set_member_roles(&other, "ada", &["organization-admin"])
        .await
        .expect(200);
    ada.patch(&path("other"), &json!({ "icon": "x" }))
        .await
        .expect(200);
    owner.delete(&member).await.expect(204);
    owner.delete(&member).await.expect_error(404, NOT_FOUND);
    ada.get(&path("other")).await.expect_error(404, NOT_FOUND);
    owner.post(&member, &json!({})).await.expect(200);
    let back = owner.get(&path("other/members")).await.expect(200).json();
    assert_eq!(
        (&back[1]["username"], &back[1]["roles"]),
        (&json!("ada"), &json!([]))
    );
}

#[tokio::test]
async fn nobody_removes_himself_and_what_is_unknown_or_unseen_is_not_found() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    owner.create_person("bob", &[&home]).await.expect(201);
    let own = owner.delete(&path("default/members/me")).await;
    own.expect_error(400, "cannot remove self from an organization");
    for unknown in [
        "default/members/nobody",
        &format!("default/members/{UNKNOWN}"),
        "nowhere/members/ada",
    ] {
        owner
            .post(&path(unknown), &json!({}))
            .await
            .expect_error(404, NOT_FOUND);
        owner
            .delete(&path(unknown))
            .await
            .expect_error(404, NOT_FOUND);
    }
    owner.organization("other").await;
    ada.get(&path("default/members")).await.expect(200);
    ada.delete(&path("default/members/bob"))
        .await
        .expect_error(403, "Forbidden.");
    ada.post(&path("default/members/bob"), &json!({}))
        .await
        .expect_error(403, "Forbidden.");
    for path in [
        path("other/members"),
        path("other/paginated-members"),
        path("other/members/roles"),
    ] {
        ada.get(&path).await.expect_error(404, NOT_FOUND);
    }
    ada.post(&path("other/members/me"), &json!({}))
        .await
        .expect_error(404, NOT_FOUND);
}

#[tokio::test]
async fn a_user_admin_of_one_organization_manages_members_there_only() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (acme, apex) = (
        owner.organization("acme").await,
        owner.organization("apex").await,
    );
    let ada = owner.person("ada", &[&acme, &apex]).await;
    owner.create_person("bob", &[&apex]).await.expect(201);
    owner
        .set_member_roles(&acme, "ada", &["organization-user-admin"])
        .await
        .expect(200);
    ada.post(&path("acme/members/bob"), &json!({}))
        .await
        .expect(200);
    ada.delete(&path("apex/members/bob"))
        .await
        .expect_error(403, "Forbidden.");
    ada.delete(&path("acme/members/bob")).await.expect(204);
}

#[tokio::test]
async fn a_deleted_user_is_no_member_any_more() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    owner.create_person("ada", &[&home]).await.expect(201);
    owner.delete("/api/v2/users/ada").await.expect(200);
    let page = owner
        .get(&path("default/paginated-members"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (page["members"].as_array().unwrap().len(), &page["count"]),
        (1, &json!(1))
    );
}

#[tokio::test]
async fn a_user_who_is_deleted_while_being_added_is_added_to_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let other = owner.organization("other").await;
    let ada = owner.create_person("ada", &[&home]).await;
    let ada = ada.expect(201).member("id");
    owner.delete(&path("default/members/ada")).await.expect(204);
    let recorded = async |event_type: &str| -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM events WHERE event_type = $1")
            .bind(event_type)
            .fetch_one(server.pool())
            .await
            .unwrap()
    };
    let added = recorded("organization_member_added").await;
    // The addition has found its user, and waits for the groups that the user may be left over in.
    let mut blocker = server.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE projection_organization.group_members IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *blocker)
        .await
        .unwrap();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'projection_organization.group_members'::regclass";
    let (addition, deletion) = (path("other/members/ada"), format!("/api/v2/users/{ada}"));
    let body = json!({});
    let add = owner.post(&addition, &body);
    let delete_meanwhile = async {
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(server.pool())
            .await
            .unwrap()
            == 0
        {}
        let release = async {
            while recorded("user_deleted").await == 0 {}
            blocker.rollback().await.unwrap();
        };
        futures::join!(owner.delete(&deletion), release).0
    };
    let (added_to, deleted) = futures::join!(add, delete_meanwhile);
    deleted.expect(200);
    added_to.expect_error(404, NOT_FOUND);
    assert_eq!(recorded("organization_member_added").await, added);
    let rows: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM projection_organization.organization_members WHERE user_id = $1::uuid",
    )
    .bind(&ada)
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert_eq!(rows, 0);
    let listed = owner
        .get(&path(&format!("{other}/paginated-members")))
        .await;
    assert_eq!(listed.expect(200).json()["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_membership_of_a_deleted_user_has_ended_in_the_record() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let others = ["one", "two", "three"];
    for other in others {
        owner.organization(other).await;
    }
    for race in 0..20 {
        let name = format!("user-{race}");
        owner.create_person(&name, &[&home]).await.expect(201);
        let body = json!({});
        let add = async |other: &str| {
            let answer = owner
                .post(&path(&format!("{other}/members/{name}")), &body)
                .await;
            assert!([200, 404].contains(&answer.status.as_u16()), "{answer:?}");
        };
        let deletion = format!("/api/v2/users/{name}");
        let (deleted, ..) = futures::join!(
            owner.delete(&deletion),
            add(others[0]),
            add(others[1]),
            add(others[2]),
        );
        deleted.expect(200);
    }
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT m.aggregate_id FROM events AS m \
         JOIN events AS d ON d.event_type = 'user_deleted' AND m.aggregate_id LIKE '%:' || d.aggregate_id \
         WHERE m.aggregate_type = 'organization_member' GROUP BY m.aggregate_id \
         HAVING count(*) FILTER (WHERE m.event_type = 'organization_member_added') \
             <> count(*) FILTER (WHERE m.event_type = 'organization_member_removed')",
    )
    .fetch_all(server.pool())
    .await
    .unwrap();
    assert_eq!(open, Vec::<String>::new());
}
