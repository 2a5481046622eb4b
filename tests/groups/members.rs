//! How many members lists of groups show, and the pages of a group's members.

use serde_json::{Value, json};

use crate::support::{NOT_FOUND, Server, Session, UNKNOWN};
use crate::{add, members, path};

/// A group `crew` of the default organization with so many members, `m0` and on.
async fn crew(owner: &Session<'_>, size: usize) -> String {
    let home = owner.default_organization().await;
    let names: Vec<String> = (0..size).map(|number| format!("m{number}")).collect();
    for name in &names {
        owner.create_person(name, &[&home]).await.expect(201);
    }
    let crew = owner.group(&home, "crew").await;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    add(owner, &crew, &names).await.expect(200);
    crew
}

fn usernames(page: &Value) -> Vec<&str> {
    let users = page["users"].as_array().unwrap();
    users
        .iter()
        .map(|user| user["username"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_page_of_members_is_by_name_and_counts_all() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let crew = crew(&owner, 5).await;
    let whole = owner.get(&path(&crew)).await.expect(200).json();
    let of = |query: &str| format!("{}/members{query}", path(&crew));
    let by_name = "/api/v2/organizations/default/groups/crew/members";
    let all = owner.get(&of("")).await.expect(200).json();
    assert_eq!(
        (&all["users"], &all["count"]),
        (&whole["members"], &json!(5))
    );
    assert_eq!(owner.get(by_name).await.expect(200).json(), all);
    for (query, names) in [
        ("?limit=2", &["m0", "m1"][..]),
        ("?limit=2&offset=3", &["m3", "m4"]),
        ("?offset=4", &["m4"]),
        ("?offset=9", &[]),
    ] {
        let page = owner.get(&of(query)).await.expect(200).json();
        assert_eq!(
            (usernames(&page), &page["count"]),
            (names.to_vec(), &json!(5))
        );
    }
    let home = owner.default_organization().await;
    let everyone = format!("{}/members?limit=2&offset=4", path(&home));
    let page = owner.get(&everyone).await.expect(200).json();
    assert_eq!(
        (usernames(&page), &page["count"]),
        (vec!["m4", "owner"], &json!(6))
    );
    let refused = owner.get(&of("?limit=-1&offset=x")).await.expect(400);
    assert_eq!(refused.fields(), ["limit", "offset"]);
    owner
        .get(&format!("{}/members", path(UNKNOWN)))
        .await
        .expect_error(404, NOT_FOUND);
    owner
        .get(&format!("{}/members", path("crew")))
        .await
        .expect_error(400, "Invalid UUID \"crew\".");
}

#[tokio::test]
async fn an_ordinary_member_pages_through_himself_alone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let crew = crew(&owner, 3).await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let of = |id: &str, query: &str| format!("{}/members{query}", path(id));
    ada.get(&of(&crew, "")).await.expect_error(404, NOT_FOUND);
    add(&owner, &crew, &["ada"]).await.expect(200);
    for (query, names) in [("", &["ada"][..]), ("?offset=1", &[])] {
        for id in [&crew, &home] {
            let page = ada.get(&of(id, query)).await.expect(200).json();
            assert_eq!(
                (usernames(&page), &page["count"]),
                (names.to_vec(), &json!(1))
            );
        }
    }
}

#[tokio::test]
async fn a_list_shows_as_many_members_of_each_group_as_it_is_asked_for() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let crew = crew(&owner, 4).await;
    let shown = async |query: &str| {
        let path = format!("/api/v2/groups?group_ids={crew}{query}");
        let list = owner.get(&path).await.expect(200).json();
        assert_eq!(list[0]["total_member_count"], 4);
        let names: Vec<String> = members(&list[0]).into_iter().map(str::to_owned).collect();
        names
    };
    assert_eq!(shown("").await, ["m0", "m1", "m2", "m3"]);
    assert_eq!(shown("&member_limit=2").await, ["m0", "m1"]);
    assert_eq!(shown("&member_limit=10000").await.len(), 4);
    assert_eq!(shown("&member_limit=0").await, [""; 0]);
    assert_eq!(shown("&member_limit=3&exclude_members=true").await, [""; 0]);
    for bad in ["-1", "x", "10001"] {
        let path = format!("/api/v2/organizations/default/groups?member_limit={bad}");
        let refused = owner.get(&path).await.expect(400);
        assert_eq!(refused.fields(), ["member_limit"], "{bad}");
    }
}

#[tokio::test]
async fn members_are_in_order_of_the_names_they_have_now() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let crew = crew(&owner, 3).await;
    let renamed = json!({ "username": "Aaron" });
    owner
        .put("/api/v2/users/m1/profile", &renamed)
        .await
        .expect(200);
    let group = owner.get(&path(&crew)).await.expect(200).json();
    assert_eq!(members(&group), ["Aaron", "m0", "m2"]);
    let home = owner.default_organization().await;
    let everyone = owner.get(&path(&home)).await.expect(200).json();
    assert_eq!(members(&everyone), ["Aaron", "m0", "m2", "owner"]);
}
