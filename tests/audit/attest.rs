use std::path::{Path, PathBuf};

use crate::support::{OWNER_EMAIL, PASSWORD, Ran, Recorder, Server, Session, chancery_with};
use crate::{CALLBACK, audit, url};

/// A server that signs, and a directory for what an auditor keeps.
struct Signed {
    server: Server,
    dir: tempfile::TempDir,
}

impl Signed {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("key.pem");
        let own = [
            ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
            ("CHANCERY_SIGNING_KEY_FILE", key.to_str().unwrap()),
            ("CHANCERY_CHECKPOINT_INTERVAL", "1h"),
        ];
        let settings = [&own, settings].concat();
        let server = Server::start_with(&settings).await;
        let owner = server.owner().await;
        owner.create_app("Rolls", CALLBACK).await.expect(201);
        Self { server, dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn audit(&self, arguments: &[&str]) -> Ran {
        let key = self.path("key.pem");
        let url = url(&self.server);
        let settings = [
            ("CHANCERY_DATABASE_URL", url.as_str()),
            ("CHANCERY_SIGNING_KEY_FILE", key.to_str().unwrap()),
        ];
        let arguments = [&["audit"], arguments].concat();
        chancery_with(&settings, &arguments).await
    }

    /// Makes a checkpoint and keeps it.
    async fn keep(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, self.audit(&["checkpoint"]).await.ok()).unwrap();
        text(&path)
    }

    async fn public_key(&self) -> String {
        let keys = self.audit(&["checkpoint", "--keys"]).await.json();
        keys.last().unwrap()["public_key"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn owner(&self) -> Session<'_> {
        self.server.sign_in(OWNER_EMAIL, PASSWORD).await
    }

    async fn sql(&self, statements: &str) {
        sqlx::raw_sql(statements)
            .execute(self.server.pool())
            .await
            .unwrap();
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Waits until the server has printed a text.
async fn said(server: &Server, text: &str) {
    while !server.logs().contains(text) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_log_an_export_a_checkpoint_and_a_proof_are_verified_with_what_was_kept() {
    let signed = Signed::new().await;
    let kept = signed.keep("kept.note").await;
    let public_key = signed.public_key().await;
    let log = text(&signed.path("log.jsonl"));
    let proof = text(&signed.path("proof.json"));
    signed.audit(&["export", &log]).await.ok();
    std::fs::write(&proof, signed.audit(&["prove", "2"]).await.ok()).unwrap();

    let said = audit(
        &signed.server,
        &[
            "verify",
            "--checkpoint",
            &kept,
            "--public-key",
            &public_key,
            "--json",
        ],
    )
    .await
    .json();
    assert_eq!(said[0]["ok"], true, "{said:?}");
    assert!(said[0]["checkpoints"].as_i64().unwrap() >= 2, "{said:?}");
    // From here on there is no database.
    let offline = async |arguments: &[&str]| {
        let arguments = [&["audit", "verify"], arguments].concat();
        chancery_with(
            &[("CHANCERY_DATABASE_URL", "postgres://127.0.0.1:1/none")],
            &arguments,
        )
        .await
    };
    let said = offline(&[&log, "--checkpoint", &kept]).await.ok();
    assert!(said.contains("events are intact, up to position"), "{said}");
    offline(&[&log, "--public-key", &public_key]).await.ok();
    offline(&[&kept, "--public-key", &public_key]).await.ok();
    let said = offline(&[&proof, "--checkpoint", &kept, "--public-key", &public_key]).await;
    assert!(
        said.status == 0 || said.stderr.contains("another checkpoint"),
        "{said:?}"
    );
    let said = offline(&[&proof, "--public-key", &public_key]).await.ok();
    assert!(
        said.contains("the event at position 2 is in the log"),
        "{said}"
    );

    let stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    offline(&[&kept, "--public-key", stranger])
        .await
        .fails(5, "not signed by that key");
    offline(&[&proof, "--public-key", stranger])
        .await
        .fails(5, "not trusted");
    offline(&[&kept]).await.fails(2, "give --public-key");
    let changed = std::fs::read_to_string(&proof)
        .unwrap()
        .replace("default", "defauld");
    std::fs::write(&proof, changed).unwrap();
    offline(&[&proof, "--public-key", &public_key])
        .await
        .fails(5, "the event was changed");
}

#[tokio::test]
async fn changes_of_the_database_are_located_and_a_cut_off_log_contradicts_its_checkpoint() {
    let signed = Signed::new().await;
    let kept = signed.keep("kept.note").await;
    signed.sql("ALTER TABLE events DISABLE TRIGGER events_are_forever; UPDATE events SET event_version = '9' WHERE position = 3").await;
    signed
        .audit(&["verify"])
        .await
        .fails(5, "NOT intact: first bad position 3: the event was changed");
    let said = signed.audit(&["verify", "--json"]).await;
    assert!(
        said.stdout.contains("\"ok\":false") && said.status == 5,
        "{said:?}"
    );
    let log = text(&signed.path("log.jsonl"));
    signed.audit(&["export", &log]).await.ok();
    signed
        .audit(&["verify", &log])
        .await
        .fails(5, "first bad position 3");
    signed
        .sql("UPDATE events SET event_version = '1.0' WHERE position = 3")
        .await;
    signed.audit(&["verify", "--checkpoint", &kept]).await.ok();
    signed.sql("DELETE FROM events WHERE position > 3; UPDATE ledger_head SET position = 3, hash = (SELECT hash FROM events WHERE position = 3)").await;
    signed
        .audit(&["verify"])
        .await
        .fails(5, "it ends before the checkpoint");
    signed
        .sql("DELETE FROM ledger_checkpoints; DELETE FROM ledger_signing_keys")
        .await;
    audit(&signed.server, &["verify"])
        .await
        .fails(10, "whoever can write the database can rewrite it unseen");
    signed
        .audit(&["verify"])
        .await
        .fails(5, "it ends before the checkpoint");
    audit(&signed.server, &["verify", "--checkpoint", &kept])
        .await
        .fails(5, "it ends before the checkpoint");
}

#[tokio::test]
async fn a_log_that_no_trusted_key_vouches_for_is_told_apart() {
    let signed = Signed::new().await;
    signed.keep("kept.note").await;
    let public_key = signed.public_key().await;
    signed
        .sql("DELETE FROM ledger_checkpoints; DELETE FROM ledger_signing_keys")
        .await;
    let said = audit(&signed.server, &["verify", "--public-key", &public_key]).await;
    said.fails(8, "no checkpoint by a key that --public-key vouches for");
}

#[tokio::test]
async fn a_rotated_key_is_endorsed_and_the_server_goes_on_with_it() {
    let signed = Signed::new().await;
    let kept = signed.keep("kept.note").await;
    let old = signed.public_key().await;
    let before = std::fs::read_to_string(signed.path("key.pem")).unwrap();
    signed.audit(&["rotate-key"]).await.ok();
    assert_ne!(
        std::fs::read_to_string(signed.path("key.pem")).unwrap(),
        before
    );
    let new = signed.public_key().await;
    assert_ne!(new, old);
    signed
        .owner()
        .await
        .create_app("More", CALLBACK)
        .await
        .expect(201);
    let later = signed.keep("later.note").await;
    for key in [&old, &new] {
        audit(
            &signed.server,
            &[
                "verify",
                "--public-key",
                key,
                "--checkpoint",
                &kept,
                "--checkpoint",
                &later,
            ],
        )
        .await
        .ok();
    }
    signed
        .audit(&["verify", &later, "--public-key", &new])
        .await
        .ok();
    signed
        .audit(&["verify", &later, "--public-key", &old])
        .await
        .fails(5, "not signed by that key");
}

/// What one who may write the database does, and knows the format: the second event is another, the chain fits, and no
/// checkpoint says otherwise.
const FORGE: &str = r#"
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
    DELETE FROM ledger_signing_keys"#;

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
    let metrics = signed.server.get("/metrics").await.expect(200).text;
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
    let metrics = server.get("/metrics").await.expect(200).text;
    assert!(metrics.contains("chancery_ledger_signed 0"), "{metrics}");
    audit(&server, &["verify"]).await.fails(10, "is not signed");
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
