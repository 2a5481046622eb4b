use serde_json::Value;

use crate::CALLBACK;
use crate::support::{Answer, Recorder, Server, chancery_with};

fn positions(answer: &Answer) -> Vec<i64> {
    let events = answer.json()["events"].as_array().unwrap().clone();
    events
        .iter()
        .map(|event| event["position"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_stream_that_is_not_there_or_was_not_yet_is_not_found() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("Rolls", CALLBACK).await;
    let stream = owner
        .get(&format!("/api/v2/ledger/streams/oauth2_app/{}", app.id))
        .await
        .expect(200)
        .json();
    let created = stream["history"][0]["event"]["position"].to_string();
    let early = format!("/api/v2/ledger/streams/oauth2_app/{}?as_of=1", app.id);
    let refused = owner.get(&early).await.expect(404).member("message");
    let reason = format!(
        "oauth2_app/{} did not exist at position 1: it began at position {created}",
        app.id
    );
    assert_eq!(refused, reason);
    owner
        .get("/api/v2/ledger/streams/oauth2_app/none")
        .await
        .expect(404);
    owner
        .get("/api/v2/ledger/streams/none/none")
        .await
        .expect(404);
}

#[tokio::test]
async fn events_a_stream_and_the_projections_are_served_to_owners_without_secrets() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("Rolls", CALLBACK).await;
    let all = owner
        .get("/api/v2/ledger/events?limit=1000")
        .await
        .expect(200);
    let head = all.json()["head"].as_i64().unwrap();
    assert_eq!(positions(&all), (1..=head).collect::<Vec<_>>());
    let page = owner
        .get("/api/v2/ledger/events?after=2&until=4")
        .await
        .expect(200);
    assert_eq!(positions(&page), [3, 4]);
    let newest = owner
        .get("/api/v2/ledger/events?newest_first=true&limit=2")
        .await
        .expect(200);
    assert_eq!(positions(&newest), [head, head - 1]);
    let of_app = format!(
        "/api/v2/ledger/events?aggregate_type=oauth2_app&aggregate_id={}",
        app.id
    );
    assert_eq!(positions(&owner.get(&of_app).await.expect(200)).len(), 2);
    owner
        .get("/api/v2/ledger/events?limit=1001")
        .await
        .expect(400);
    owner.get("/api/v2/ledger/events?after=x").await.expect(400);

    let stream = owner
        .get(&format!("/api/v2/ledger/streams/oauth2_app/{}", app.id))
        .await
        .expect(200)
        .json();
    assert_eq!(stream["history"].as_array().unwrap().len(), 2);
    assert_eq!(stream["recorded"]["name"], "Rolls");
    let created = stream["history"][0]["event"]["position"].to_string();
    let then = format!(
        "/api/v2/ledger/streams/oauth2_app/{}?as_of={created}",
        app.id
    );
    assert_eq!(
        owner.get(&then).await.expect(200).json()["history"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let event = owner
        .get(&format!("/api/v2/ledger/events/{created}"))
        .await
        .expect(200)
        .json();
    assert_eq!(event["previous"], Value::Null);
    assert_eq!(event["next"], stream["history"][1]["event"]["position"]);
    owner.get("/api/v2/ledger/events/9999").await.expect(404);
    owner.get("/api/v2/ledger/events/0").await.expect(400);

    let projections = owner
        .get("/api/v2/ledger/projections")
        .await
        .expect(200)
        .json();
    let audit = projections
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "audit")
        .unwrap();
    assert_eq!(
        (&audit["state"], &audit["error"]),
        (&"live".into(), &Value::Null)
    );

    let hash: String = sqlx::query_scalar("SELECT payload ->> 'hashed_secret' FROM events WHERE event_type = 'oauth2_app_secret_created'")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert!(!format!("{stream}{}", all.json()).contains(&hash));

    let member = Recorder::open(&server).await.member("plain").await;
    for path in [
        "events",
        "events/1",
        "events/1/proof",
        "checkpoints",
        "verification",
        "projections",
        "streams/deployment/deployment",
    ] {
        member
            .get(&format!("/api/v2/ledger/{path}"))
            .await
            .expect(403);
    }
}

#[tokio::test]
async fn checkpoints_and_proofs_are_served_and_verified_offline() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key.pem");
    let settings = [
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_SIGNING_KEY_FILE", key.to_str().unwrap()),
        ("CHANCERY_CHECKPOINT_EVENTS", "1"),
    ];
    let server = Server::start_with(&settings).await;
    let owner = server.owner().await;
    // Position 1 is signed soon after the start.
    let proof = loop {
        let answer = owner.get("/api/v2/ledger/events/1/proof").await;
        if answer.status == 200 {
            break answer.json();
        }
        assert_eq!(answer.status, 404);
    };
    assert!(proof.get("event").is_none());
    let signed = owner
        .get("/api/v2/ledger/checkpoints")
        .await
        .expect(200)
        .json();
    let public_key = signed["keys"][0]["public_key"].as_str().unwrap();
    let file = dir.path().join("proof.json");
    std::fs::write(&file, proof.to_string()).unwrap();
    let verify = [
        "audit",
        "verify",
        file.to_str().unwrap(),
        "--public-key",
        public_key,
    ];
    chancery_with(&[], &verify).await.ok();
    let verification = owner
        .get("/api/v2/ledger/verification")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&verification["signs"], &verification["altered"]),
        (&true.into(), &Value::Null)
    );
    assert!(verification["checkpoint"]["position"].as_i64().unwrap() >= 1);
}

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
