//! `as_of=` on apps and groups.

use serde_json::Value;

use crate::CALLBACK;
use crate::support::{Answer, Server};

#[tokio::test]
async fn apps_are_answered_as_they_were_at_a_position_or_time() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = owner
        .create_app("First", CALLBACK)
        .await
        .expect(201)
        .member("id");
    let path = format!("/api/v2/oauth2-provider/apps/{id}");
    let first = owner.get(&path).await.expect(200).json();
    let list = owner
        .get("/api/v2/oauth2-provider/apps")
        .await
        .expect(200)
        .json();
    let newest = owner
        .get("/api/v2/ledger/events?newest_first=true&limit=1")
        .await
        .expect(200)
        .json();
    let position = newest["events"][0]["position"].to_string();
    let time = newest["events"][0]["recorded_at"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = serde_json::json!({"name": "Second", "callback_url": CALLBACK});
    owner.put(&path, &body).await.expect(200);
    owner.create_app("Other", CALLBACK).await.expect(201);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
    for moment in [&position, &time] {
        assert_eq!(
            owner
                .get(&format!("{path}?as_of={moment}"))
                .await
                .expect(200)
                .json(),
            first
        );
        let then = owner
            .get(&format!("/api/v2/oauth2-provider/apps?as_of={moment}"))
            .await
            .expect(200)
            .json();
        assert_eq!(then, list);
    }
    owner.get(&format!("{path}?as_of=1")).await.expect(404);
    for (moment, detail) in [
        ("9999", "there is no position 9999"),
        ("2001-01-01T00:00:00Z", "before the first event"),
        ("then", "as in RFC 3339"),
    ] {
        let refused = owner
            .get(&format!("{path}?as_of={moment}"))
            .await
            .expect(400)
            .json();
        let said = refused["validations"][0]["detail"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(said.contains(detail), "{said}");
    }
    let both = format!(
        "/api/v2/oauth2-provider/apps?as_of={position}&user_id={}",
        owner.user_id
    );
    assert_eq!(owner.get(&both).await.expect(200).text, "[]\n");
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'",
    )
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert!(left <= 8, "temporary tables end with their sessions");
}

#[tokio::test]
async fn the_apps_of_a_user_are_those_that_he_had_tokens_of_then() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let kept = owner.app("Kept", CALLBACK).await;
    let other = owner.app("Other", CALLBACK).await;
    kept.tokens(&owner).await;
    let path = format!("/api/v2/oauth2-provider/apps?user_id={}", owner.user_id);
    let then = owner.get(&path).await.expect(200);
    assert_eq!(then.each("name"), ["Kept"]);
    let newest = owner
        .get("/api/v2/ledger/events?newest_first=true&limit=1")
        .await
        .expect(200)
        .json();
    let position = newest["events"][0]["position"].to_string();
    other.tokens(&owner).await;
    let app = format!("/api/v2/oauth2-provider/apps/{}", kept.id);
    owner.delete(&app).await.expect(204);
    assert_eq!(owner.get(&path).await.expect(200).each("name"), ["Other"]);
    let past = format!("{path}&as_of={position}");
    assert_eq!(owner.get(&past).await.expect(200).json(), then.json());
}

/// An answer without the times when users were last seen: they are noted by and by, and are no part of the record.
fn without_uses(mut answer: Value) -> Value {
    match &mut answer {
        Value::Array(items) => {
            for item in items {
                *item = without_uses(item.take());
            }
        }
        Value::Object(fields) => {
            fields.remove("last_seen_at");
            for field in fields.values_mut() {
                *field = without_uses(field.take());
            }
        }
        _ => {}
    }
    answer
}

#[tokio::test]
async fn groups_are_answered_as_they_were_with_the_members_they_had() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let groups = "/api/v2/organizations/default/groups";
    let body = serde_json::json!({"name": "staff"});
    let id = owner.post(groups, &body).await.expect(201).member("id");
    let path = format!("/api/v2/groups/{id}");
    let change = async |body: serde_json::Value| {
        let request = owner.request(reqwest::Method::PATCH, &path).json(&body);
        Answer::to(request).await.expect(200);
    };
    change(serde_json::json!({"add_users": [owner.user_id]})).await;
    let then = without_uses(owner.get(&path).await.expect(200).json());
    assert_eq!(then["members"].as_array().unwrap().len(), 1);
    let listed = without_uses(owner.get(groups).await.expect(200).json());
    let newest = owner
        .get("/api/v2/ledger/events?newest_first=true&limit=1")
        .await
        .expect(200)
        .json();
    let position = newest["events"][0]["position"].to_string();
    change(serde_json::json!({"name": "crew", "remove_users": [owner.user_id]})).await;
    owner.delete(&path).await.expect(200);
    let at = async |path: &str| {
        let path = format!("{path}?as_of={position}");
        without_uses(owner.get(&path).await.expect(200).json())
    };
    assert_eq!(at(&path).await, then);
    assert_eq!(at(&format!("{groups}/staff")).await, then);
    assert_eq!(at(groups).await, listed);
    let filtered = format!("/api/v2/groups?organization=default&as_of={position}");
    let filtered = owner.get(&filtered).await.expect(200).json();
    assert_eq!(without_uses(filtered), listed);
    // Of all organizations.
    assert_eq!(at("/api/v2/groups").await, listed);
    let members = at(&format!("{path}/members")).await;
    assert_eq!(
        (&members["users"], &members["count"]),
        (&then["members"], &1.into())
    );
    assert_eq!(at(&format!("{groups}/staff/members")).await, members);
    owner.get(&format!("{path}?as_of=1")).await.expect(404);
    owner.get(&format!("{path}?as_of=9999")).await.expect(400);
}
