use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Server, Session};
use crate::{USERS, create, person};

async fn entries(owner: &Session<'_>, q: &str) -> Vec<Value> {
    let request = owner
        .request(Method::GET, "/api/v2/audit")
        .query(&[("q", q)]);
    let answer = Answer::to(request).await.expect(200).json();
    answer["audit_logs"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_change_of_a_user_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = create(&owner, "ada").await.member("id");
    let put = async |path: &str, body: Value| {
        owner.put(&format!("{USERS}/{id}/{path}"), &body).await;
    };
    put(
        "profile",
        json!({ "username": "countess", "name": "Ada King" }),
    )
    .await;
    put("roles", json!({ "roles": ["auditor"] })).await;
    put("status/suspend", json!({})).await;
    put("status/activate", json!({})).await;
    put(
        "quiet-hours",
        json!({ "schedule": "CRON_TZ=UTC 0 5 * * *" }),
    )
    .await;
    put("password", json!({ "password": "Another-Horse-Battery-7" })).await;
    owner.delete(&format!("{USERS}/{id}")).await.expect(200);
    let entries = entries(&owner, &format!("resource_type:user resource_id:{id}")).await;
    let shown: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "action": entry["action"], "status_code": entry["status_code"], "diff": entry["diff"],
                "target": entry["resource_target"], "by": entry["user"]["username"],
            })
        })
        .collect();
    let shown = serde_json::to_string(&shown).unwrap().replace(&id, "[id]");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    insta::assert_json_snapshot!("audit_of_a_user", shown);
    assert!(!serde_json::to_string(&entries).unwrap().contains("argon2"));
}

#[tokio::test]
async fn keys_are_in_the_trail_and_their_secrets_are_not() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    let body = json!({ "token_name": "laptop" });
    let key = ada
        .post("/api/v2/users/me/keys/tokens", &body)
        .await
        .expect(201)
        .member("key");
    let body = json!({ "password": "Another-Horse-Battery-7", "old_password": PASSWORD });
    ada.put(&format!("{USERS}/me/password"), &body)
        .await
        .expect(204);
    let entries = entries(&owner, "resource_type:api_key resource_target:laptop").await;
    let actions: Vec<_> = entries
        .iter()
        .map(|entry| entry["action"].clone())
        .collect();
    assert_eq!(actions, ["delete", "create"]);
    assert_eq!(
        entries[0]["additional_fields"]["reason"],
        "password_changed"
    );
    assert_eq!(entries[1]["diff"]["user_id"]["new"], ada.user_id.as_str());
    let secret = key.split_once('-').unwrap().1;
    assert!(!serde_json::to_string(&entries).unwrap().contains(secret));
}
