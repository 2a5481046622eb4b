use serde_json::{Value, json};

use crate::support::{Answer, Recorder, Server, Session};
use crate::{USERS, create, fields, person};

fn names(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let users = json["users"].as_array().expect("users");
    let name = |user: &Value| user["username"].as_str().unwrap().to_owned();
    users.iter().map(name).collect()
}

async fn search(session: &Session<'_>, q: &str) -> Vec<String> {
    let request = session
        .request(reqwest::Method::GET, USERS)
        .query(&[("q", q)]);
    let answer = Answer::to(request).await.expect(200);
    let names = names(&answer);
    assert_eq!(answer.json()["count"], names.len(), "{q}");
    names
}

#[tokio::test]
async fn users_are_listed_by_name_and_paged_with_the_count_before_paging() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for name in ["dora", "Bert", "anna", "carl"] {
        create(&owner, name).await;
    }
    let all = owner.get(USERS).await.expect(200);
    assert_eq!(names(&all), ["anna", "Bert", "carl", "dora", "owner"]);
    let bert = all.json()["users"][1]["id"].as_str().unwrap().to_owned();
    let cases = [
        ("limit=2".to_owned(), &["anna", "Bert"][..]),
        ("limit=2&offset=1".to_owned(), &["Bert", "carl"]),
        (format!("limit=2&after_id={bert}"), &["carl", "dora"]),
        (format!("after_id={bert}&offset=1"), &["dora", "owner"]),
        ("offset=10".to_owned(), &[]),
        (
            "limit=0".to_owned(),
            &["anna", "Bert", "carl", "dora", "owner"],
        ),
        ("limit=2&q=a".to_owned(), &["anna", "Bert"]),
    ];
    for (query, expected) in cases {
        let page = owner.get(&format!("{USERS}?{query}")).await.expect(200);
        assert_eq!(names(&page), expected, "{query}");
        assert_eq!(page.json()["count"], 5, "{query}");
    }
}

#[tokio::test]
async fn users_are_found_by_a_part_of_their_name_or_address() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for name in ["lovelace", "hopper", "hamilton"] {
        create(&owner, name).await;
    }
    assert_eq!(search(&owner, "LOVE").await, ["lovelace"]);
    assert_eq!(search(&owner, "search:ho").await, ["hopper"]);
    assert_eq!(search(&owner, "r@example").await, ["hopper", "owner"]);
    assert_eq!(search(&owner, "per@exa").await, ["hopper"]);
    assert_eq!(search(&owner, "nobody").await, [""; 0]);
    // What a search names is text, not a pattern.
    for pattern in ["%", "_", "h%r", "\\", "*"] {
        assert_eq!(search(&owner, pattern).await, [""; 0], "{pattern}");
    }
}

#[tokio::test]
async fn users_are_filtered_by_status_role_login_type_and_times() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for name in ["anna", "bert"] {
        create(&owner, name).await;
    }
    let robot = json!({
        "username": "robot", "email": "robot@example.com", "login_type": "none",
        "organization_ids": [crate::organization_of(&owner).await],
    });
    owner.post(USERS, &robot).await.expect(201);
    owner
        .put(&format!("{USERS}/bert/status/suspend"), &json!({}))
        .await
        .expect(200);
    owner
        .put(
            &format!("{USERS}/anna/roles"),
            &json!({ "roles": ["auditor"] }),
        )
        .await
        .expect(200);

    assert_eq!(search(&owner, "status:suspended").await, ["bert"]);
    assert_eq!(
        search(&owner, "status:Suspended,dormant").await,
        ["bert", "robot"]
    );
    assert_eq!(search(&owner, "status:active").await, ["anna", "owner"]);
    assert_eq!(
        search(&owner, "role:auditor role:owner").await,
        ["anna", "owner"]
    );
    assert_eq!(
        search(&owner, "role:member").await,
        ["anna", "bert", "owner", "robot"]
    );
    assert_eq!(search(&owner, "login_type:none").await, ["robot"]);
    // Nobody here comes from GitHub.
    assert_eq!(search(&owner, "github_com_user_id:583231").await, [""; 0]);
    assert_eq!(
        search(&owner, "github_com_user_id:0 login_type:none").await,
        ["robot"]
    );
    assert_eq!(
        search(&owner, "a status:active role:auditor").await,
        ["anna"]
    );

    let created_at = owner
        .get(&format!("{USERS}/bert"))
        .await
        .member("created_at");
    assert_eq!(
        search(&owner, &format!("created_after:\"{created_at}\"")).await,
        ["robot"]
    );
    assert_eq!(
        search(&owner, &format!("created_before:\"{created_at}\"")).await,
        ["anna", "owner"]
    );
    assert_eq!(
        search(&owner, "last_seen_before:\"2001-01-01T00:00:00Z\"").await,
        [""; 0]
    );
    let all = ["anna", "bert", "owner", "robot"];
    assert_eq!(
        search(&owner, "last_seen_after:\"2001-01-01T00:00:00Z\"").await,
        all
    );
}

#[tokio::test]
async fn a_bad_search_or_page_is_refused_naming_the_key() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (q, field) in [
        ("status:gone", "status"),
        ("colour:red", "colour"),
        ("a:b:c", "q"),
        (":a", "q"),
        ("created_after:now", "created_after"),
        ("login_type:magic", "login_type"),
    ] {
        let request = owner
            .request(reqwest::Method::GET, USERS)
            .query(&[("q", q)]);
        let refused = Answer::to(request).await.expect(400);
        assert_eq!(refused.member("message"), "Invalid user search query.");
        assert_eq!(fields(&refused), [field], "{q}");
    }
    for (query, field) in [
        ("limit=-1", "limit"),
        ("offset=x", "offset"),
        ("after_id=x", "after_id"),
    ] {
        let refused = owner.get(&format!("{USERS}?{query}")).await.expect(400);
        assert_eq!(fields(&refused), [field], "{query}");
    }
}

#[tokio::test]
async fn one_who_may_not_read_users_sees_himself_alone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for role in ["user-admin", "template-admin"] {
        let reader = person(&owner, role, &[role]).await;
        assert!(
            names(&reader.get(USERS).await).contains(&"owner".to_owned()),
            "{role}"
        );
    }
    let member = Recorder::open(&server).await.member("member").await;
    assert_eq!(search(&member, "").await, ["member"]);
    assert_eq!(search(&member, "owner").await, [""; 0]);
    server.get(USERS).await.expect(401);
}
