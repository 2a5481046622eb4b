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
