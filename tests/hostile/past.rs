use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, OWNER_EMAIL, PASSWORD, Server};

#[tokio::test]
async fn reads_of_the_past_are_rationed_by_user() {
    let server = Server::start_with(&[("CHANCERY_RATE_LIMIT_PAST", "1/h:2")]).await;
    let owner = server.owner().await;
    for status in [200, 200, 429] {
        owner.get("/api/v2/groups?as_of=1").await.expect(status);
    }
    owner.get("/api/v2/groups").await.expect(200);
    let same = server.sign_in(OWNER_EMAIL, PASSWORD).await;
    same.get("/api/v2/groups?as_of=1").await.expect(429);
}

#[tokio::test]
async fn who_left_a_group_sees_its_past_no_more() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let organization = owner
        .get("/api/v2/organizations/default")
        .await
        .member("id");
    let ada = json!({
        "username": "ada", "email": "ada@example.com", "password": PASSWORD,
        "user_status": "active", "organization_ids": [organization],
    });
    let id = owner
        .post("/api/v2/users", &ada)
        .await
        .expect(201)
        .member("id");
    let groups = format!("/api/v2/organizations/{organization}/groups");
    let group = owner.post(&groups, &json!({ "name": "council" })).await;
    let path = format!("/api/v2/groups/{}", group.expect(201).member("id"));
    let change = json!({ "add_users": [id] });
    let changed = Answer::to(owner.request(Method::PATCH, &path).json(&change)).await;
    changed.expect(200);
    let ada = server.sign_in("ada@example.com", PASSWORD).await;
    let position: i64 = sqlx::query_scalar("SELECT position FROM ledger_head")
        .fetch_one(server.pool())
        .await
        .unwrap();
    let past = format!("{path}?as_of={position}");
    ada.get(&past).await.expect(200);
    let change = json!({ "remove_users": [id] });
    let changed = Answer::to(owner.request(Method::PATCH, &path).json(&change)).await;
    changed.expect(200);
    ada.get(&past).await.expect(404);
    ada.get(&format!("{path}/members?as_of={position}"))
        .await
        .expect(404);
    let listed = ada.get(&format!("/api/v2/groups?as_of={position}")).await;
    assert!(!listed.expect(200).text.contains("council"));
}
