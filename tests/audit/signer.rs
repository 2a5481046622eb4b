//! What the signer refuses, and how everybody is told; what it signed, as it is served.

use crate::attest::Signed;
use crate::support::{Recorder, Server};
use crate::{CALLBACK, audit};

/// Waits until the server has printed a text.
async fn said(server: &Server, text: &str) {
    while !server.logs().contains(text) {
        tokio::task::yield_now().await;
    }
}

/// What one who may write the database does, and knows the format: the second event is another, the chain fits, and no
/// checkpoint says otherwise.
const FORGE: &str = r"
    ALTER TABLE events DISABLE TRIGGER events_are_forever;
    UPDATE events SET metadata = '{}' WHERE position = 2;
    DO $$
    DECLARE
        event record;
        link bytea := decode(repeat('00', 32), 'hex');
        part text;
        content bytea;
    BEGIN
        FOR event IN SELECT * FROM events ORDER BY position LOOP
            content := uuid_send(event.append_id) || int8send(event.sequence);
            FOREACH part IN ARRAY ARRAY[event.aggregate_type, event.aggregate_id, event.event_type, event.event_version,
                                        event.payload::text, event.metadata::text] LOOP
                content := content || int4send(octet_length(part)) || convert_to(part, 'UTF8');
            END LOOP;
            link := sha256(link || int8send(event.position)
                || int8send((extract(epoch FROM event.recorded_at) * 1000000)::bigint) || sha256(content));
            UPDATE events SET hash = link WHERE position = event.position;
        END LOOP;
        UPDATE ledger_head SET hash = link;
    END $$;
    DELETE FROM ledger_checkpoints;
    DELETE FROM ledger_tiles;
    DELETE FROM ledger_signing_keys";

#[tokio::test]
async fn a_forged_history_is_not_signed_and_everybody_is_told() {
    let mut signed = Signed::new().await;
    let kept = signed.keep("kept.note").await;
    let public_key = signed.public_key().await;
    let ready = async |signed: &Signed| signed.server.get("/readyz").await.expect(200).json();
    assert_eq!(ready(&signed).await["unsigned"], serde_json::Value::Null);
    signed.server.stop().await;
    signed.sql(FORGE).await;

    // Nobody who has only the database sees anything.
    audit(&signed.server, &["verify"]).await.fails(10, "intact");
    signed.server.run().await;
    let told = loop {
        let ready = ready(&signed).await;
        if let Some(told) = ready["unsigned"].as_str() {
            break told.to_owned();
        }
    };
    assert!(told.contains("the log was rewritten"), "{told}");
    said(&signed.server, "THE RECORD OF EVENTS WAS ALTERED").await;
    let metrics = signed.server.metrics().await;
    for line in ["chancery_ledger_signed 0", "chancery_ledger_altered 1"] {
        assert!(metrics.contains(line), "{metrics}");
    }
    signed
        .audit(&["checkpoint"])
        .await
        .fails(5, "the log was rewritten");
    signed
        .audit(&["verify"])
        .await
        .fails(5, "the log was rewritten");
    audit(&signed.server, &["verify", "--checkpoint", &kept])
        .await
        .fails(5, "the log was rewritten");
    audit(&signed.server, &["verify", "--public-key", &public_key])
        .await
        .fails(8, "no checkpoint by a key");
}

#[tokio::test]
async fn a_log_that_nobody_signs_says_so_loudly() {
    let server = Server::start().await;
    let ready = server.get("/readyz").await.expect(200).json();
    let told = ready["unsigned"].as_str().unwrap();
    assert!(told.contains("is not signed"), "{told}");
    said(&server, "WARNING: the record is not signed").await;
    let metrics = server.metrics().await;
    assert!(metrics.contains("chancery_ledger_signed 0"), "{metrics}");
    audit(&server, &["verify"]).await.fails(10, "is not signed");
}

#[tokio::test]
async fn an_existing_database_is_signed_for_with_a_key_in_the_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let settings = [
        ("CHANCERY_DATA_DIR", data_dir.to_str().unwrap()),
        ("CHANCERY_UNSIGNED_LOG", "false"),
    ];
    let server = Server::start_with(&settings).await;
    let owner = server.owner().await;
    while owner.get("/api/v2/ledger/log/checkpoint").await.status != 200 {}
    let ready = server.get("/readyz").await.expect(200).json();
    assert_eq!(ready["unsigned"], serde_json::Value::Null);
    for file in ["ledger-signing-key.pem", "ledger-signing-key.pem.signed"] {
        assert!(data_dir.join(file).exists(), "{file}");
    }
    audit(&server, &["verify"]).await.ok();
}

#[tokio::test]
async fn a_later_checkpoint_is_proved_to_extend_the_one_that_was_kept() {
    let signed = Signed::new().await;
    let kept = signed.keep("kept.note").await;
    signed
        .owner()
        .await
        .create_app("More", CALLBACK)
        .await
        .expect(201);
    let later = signed.keep("later.note").await;
    let latest = audit(&signed.server, &["checkpoint", "--extends", &kept])
        .await
        .ok();
    assert_eq!(latest, std::fs::read_to_string(&later).unwrap());
    signed.sql("DELETE FROM ledger_checkpoints WHERE position = (SELECT max(position) FROM ledger_checkpoints)").await;
    audit(&signed.server, &["checkpoint", "--extends", &later])
        .await
        .fails(5, "does not match the checkpoint");
}

#[tokio::test]
async fn the_tree_is_served_to_auditors_and_its_hashes_to_anybody_where_that_is_set() {
    let signed = Signed::new().await;
    let kept = std::fs::read_to_string(signed.keep("kept.note").await).unwrap();
    let owner = signed.owner().await;
    let member = Recorder::open(&signed.server).await.member("plain").await;
    let paths = ["checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"]
        .map(|path| format!("/api/v2/ledger/log/{path}"));
    for path in &paths {
        owner.get(path).await.expect(200);
        member.get(path).await.expect(403);
        signed.server.get(path).await.expect(401);
    }
    assert_eq!(owner.get(&paths[0]).await.expect(200).text, kept);
    owner.get("/api/v2/ledger/log/tile/0/1").await.expect(400);
    owner.get("/api/v2/ledger/log/tile/5/000").await.expect(404);

    let public = Signed::with(&[("CHANCERY_PUBLIC_LOG", "true")]).await;
    public.keep("kept.note").await;
    let statuses = [200, 200, 401];
    for (path, status) in paths.iter().zip(statuses) {
        public.server.get(path).await.expect(status);
    }
}
