use std::path::{Path, PathBuf};

use crate::support::{OWNER_EMAIL, PASSWORD, Ran, Server, Session, chancery_with};
use crate::{CALLBACK, audit, url};

/// A server that signs, and a directory for what an auditor keeps.
pub struct Signed {
    pub server: Server,
    dir: tempfile::TempDir,
}

impl Signed {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(settings: &[(&str, &str)]) -> Self {
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

    pub async fn audit(&self, arguments: &[&str]) -> Ran {
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
    pub async fn keep(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, self.audit(&["checkpoint"]).await.ok()).unwrap();
        text(&path)
    }

    pub async fn public_key(&self) -> String {
        let keys = self.audit(&["checkpoint", "--keys"]).await.json();
        keys.last().unwrap()["public_key"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub async fn owner(&self) -> Session<'_> {
        self.server.sign_in(OWNER_EMAIL, PASSWORD).await
    }

    pub async fn sql(&self, statements: &str) {
        sqlx::raw_sql(statements)
            .execute(self.server.pool())
            .await
            .unwrap();
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
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
