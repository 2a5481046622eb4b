use std::io::Cursor;

use chancery_ledger::{
    Checkpoint, CheckpointError, CheckpointFault, Checkpoints, Evidence, Fault, InclusionProof,
    InvalidProof, KeyInForce, Ledger, LedgerReader, Position, ProveError, SigningKey, VerifiedLog,
    VerifyError, VerifyExportError, verify_export,
};

use crate::support::account::{Account, deposit, types};
use crate::support::{World, context, time};

struct Audited {
    world: World,
    ledger: Ledger,
    reader: LedgerReader,
    checkpoints: Checkpoints,
    key: SigningKey,
}

impl Audited {
    /// A ledger of `events` events and a key.
    async fn new(events: u32) -> Self {
        let world = World::new().await;
        let ledger = world.ledger().await;
        let reader = LedgerReader::new(world.pool.clone(), types());
        let checkpoints = Checkpoints::new(reader.clone());
        let key = SigningKey::from_seed([7; 32]);
        let recorded = checkpoints.ensure_key(&key, time(0)).await.unwrap();
        assert_eq!(recorded, KeyInForce::Recorded);
        let audited = Self {
            world,
            ledger,
            reader,
            checkpoints,
            key,
        };
        audited.record(events).await;
        audited
    }

    async fn record(&self, events: u32) {
        for _ in 0..events {
            self.ledger
                .execute::<Account>("a", deposit(1), &context())
                .await
                .unwrap();
        }
    }

    async fn checkpoint(&self) -> Checkpoint {
        let made = self.checkpoints.make(&self.key, time(1)).await.unwrap();
        made.unwrap()
    }

    async fn verify(&self, evidence: &Evidence) -> Result<VerifiedLog, (i64, String)> {
        let all = Position(1)..=Position(i64::MAX);
        self.reader
            .verify_against(all, evidence, |_| {})
            .await
            .map_err(|error| match error {
                VerifyError::Bad { position, fault } => (position.0, fault.to_string()),
                VerifyError::Checkpoint { position, fault } => (position.0, fault.to_string()),
                VerifyError::Read(error) => panic!("{error}"),
            })
    }

    /// What one who may write the database, and knows the format, does: changes an event and makes the chain fit.
    async fn rewrite(&self, position: i64) {
        sqlx::raw_sql(&format!(
            "ALTER TABLE events DISABLE TRIGGER events_are_forever;
             UPDATE events SET payload = '{{\"type\":\"deposited\",\"amount\":999}}' WHERE position = {position}"
        ))
        .execute(&self.world.pool)
        .await
        .unwrap();
        loop {
            let all = Position(1)..=Position(i64::MAX);
            let outcome = self.reader.verify(all, |_| {}).await;
            let Err(VerifyError::Bad { position, fault }) = outcome else {
                break;
            };
            let statement = if fault == Fault::HeadMismatch {
                "UPDATE ledger_head SET hash = (SELECT hash FROM events WHERE position = $1)"
            } else {
                // The forger's own computation, from the documented format.
                let hash = self.forged_hash(position).await;
                sqlx::query("UPDATE events SET hash = $2 WHERE position = $1")
                    .bind(position.0)
                    .bind(&hash[..])
                    .execute(&self.world.pool)
                    .await
                    .unwrap();
                "SELECT $1::bigint"
            };
            sqlx::query(statement)
                .bind(position.0)
                .execute(&self.world.pool)
                .await
                .unwrap();
        }
    }

    async fn forged_hash(&self, position: Position) -> Vec<u8> {
        use sha2::{Digest, Sha256};
        let before = self
            .reader
            .stored_event(Position(position.0 - 1))
            .await
            .unwrap();
        let event = self.reader.stored_event(position).await.unwrap().unwrap();
        let mut content = serde_json::to_value(&event).unwrap();
        let members = content.as_object_mut().unwrap();
        for outside in ["position", "recorded_at", "hash"] {
            members.remove(outside);
        }
        // Members are sorted, and these events hold nothing that RFC 8785 writes otherwise.
        let content = Sha256::digest(content.to_string());
        let mut hasher = Sha256::new();
        hasher.update(before.map_or([0; 32], |before| before.hash));
        hasher.update(position.0.to_be_bytes());
        hasher.update(event.recorded_at.timestamp_micros().to_be_bytes());
        hasher.update(content);
        hasher.finalize().to_vec()
    }
}

fn kept(checkpoint: &Checkpoint) -> Evidence {
    Evidence {
        checkpoints: vec![checkpoint.clone()],
        keys: Vec::new(),
    }
}

fn trusting(key: &SigningKey) -> Evidence {
    Evidence {
        checkpoints: Vec::new(),
        keys: vec![key.public()],
    }
}

#[tokio::test]
async fn checkpoints_follow_one_another_and_the_log_agrees_with_all() {
    let audited = Audited::new(5).await;
    let first = audited.checkpoint().await;
    assert_eq!(
        audited
            .checkpoints
            .make(&audited.key, time(2))
            .await
            .unwrap(),
        None
    );
    audited.record(8).await;
    let second = audited.checkpoint().await;
    assert_eq!(
        (first.position, second.position),
        (Position(5), Position(13))
    );
    audited.record(1).await;
    let verified = audited.verify(&trusting(&audited.key)).await.unwrap();
    assert_eq!((verified.verified.events, verified.checkpoints), (14, 2));
    assert_eq!(verified.attested, Some(second));
}

#[tokio::test]
async fn a_rewritten_chain_fits_together_and_is_found_by_a_kept_checkpoint() {
    let audited = Audited::new(6).await;
    let checkpoint = audited.checkpoint().await;
    audited.record(2).await;
    audited.rewrite(3).await;
    // The forger removes the evidence that is within reach.
    sqlx::raw_sql("DELETE FROM ledger_checkpoints; DELETE FROM ledger_signing_keys")
        .execute(&audited.world.pool)
        .await
        .unwrap();
    let unaware = audited.verify(&Evidence::default()).await.unwrap();
    assert_eq!((unaware.verified.events, unaware.attested), (8, None));
    let rewritten = Err((6, CheckpointFault::Rewritten.to_string()));
    assert_eq!(audited.verify(&kept(&checkpoint)).await, rewritten);
    let mut file = Vec::new();
    let all = Position(1)..=Position(i64::MAX);
    audited.reader.export(all, &mut file, |_| {}).await.unwrap();
    let error = verify_export(Cursor::new(file), &kept(&checkpoint), |_| {}).unwrap_err();
    assert!(matches!(
        error,
        VerifyExportError::Checkpoint {
            position: Position(6),
            fault: CheckpointFault::Rewritten
        }
    ));
    // With the public key alone, nothing vouches for the log any more.
    assert_eq!(
        audited
            .verify(&trusting(&audited.key))
            .await
            .unwrap()
            .attested,
        None
    );
}

#[tokio::test]
async fn a_rewritten_chain_is_found_by_the_ledgers_own_checkpoints_and_is_not_signed() {
    let audited = Audited::new(6).await;
    audited.checkpoint().await;
    audited.rewrite(3).await;
    let rewritten = Err((6, CheckpointFault::Rewritten.to_string()));
    assert_eq!(audited.verify(&Evidence::default()).await, rewritten);
    let refused = audited
        .checkpoints
        .make(&audited.key, time(3))
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            CheckpointError::Altered(VerifyError::Checkpoint { .. })
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_checkpoint_forged_with_another_key_is_found_by_the_public_key() {
    let audited = Audited::new(4).await;
    audited.rewrite(2).await;
    let own = SigningKey::from_seed([9; 32]);
    sqlx::raw_sql("DELETE FROM ledger_signing_keys")
        .execute(&audited.world.pool)
        .await
        .unwrap();
    audited.checkpoints.ensure_key(&own, time(0)).await.unwrap();
    audited.checkpoints.make(&own, time(1)).await.unwrap();
    let unaware = audited.verify(&Evidence::default()).await.unwrap();
    assert_eq!(unaware.checkpoints, 1);
    let unknown = Err((4, CheckpointFault::UnknownKey.to_string()));
    assert_eq!(audited.verify(&trusting(&audited.key)).await, unknown);
}

#[tokio::test]
async fn a_log_cut_off_before_a_checkpoint_is_found() {
    let audited = Audited::new(6).await;
    audited.checkpoint().await;
    sqlx::raw_sql(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever; DELETE FROM events WHERE position > 4;
         UPDATE ledger_head SET position = 4, hash = (SELECT hash FROM events WHERE position = 4)",
    )
    .execute(&audited.world.pool)
    .await
    .unwrap();
    let cut = Err((6, CheckpointFault::BeyondEnd.to_string()));
    assert_eq!(audited.verify(&Evidence::default()).await, cut);
    assert!(
        audited
            .checkpoints
            .make(&audited.key, time(3))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_broken_chain_is_not_signed() {
    let audited = Audited::new(3).await;
    audited.checkpoint().await;
    audited.record(2).await;
    sqlx::raw_sql(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever; UPDATE events SET metadata = '{}' WHERE position = 5",
    )
    .execute(&audited.world.pool)
    .await
    .unwrap();
    let refused = audited
        .checkpoints
        .make(&audited.key, time(3))
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the log will not be signed: position 5: the event was changed"
    );
}

#[tokio::test]
async fn after_a_rotation_either_key_vouches_for_all_checkpoints() {
    let audited = Audited::new(3).await;
    audited.checkpoint().await;
    let next = SigningKey::from_seed([8; 32]);
    audited
        .checkpoints
        .rotate_key(&audited.key, &next, time(500))
        .await
        .unwrap();
    audited.record(3).await;
    let refused = audited
        .checkpoints
        .make(&audited.key, time(600))
        .await
        .unwrap_err();
    assert!(matches!(refused, CheckpointError::OtherKey { .. }));
    let later = audited.checkpoints.make(&next, time(600)).await.unwrap();
    for key in [&audited.key, &next] {
        let verified = audited.verify(&trusting(key)).await.unwrap();
        assert_eq!((verified.checkpoints, &verified.attested), (2, &later));
    }
    let refused = audited
        .checkpoints
        .rotate_key(&audited.key, &next, time(700))
        .await;
    assert!(
        matches!(refused, Err(CheckpointError::OtherKey { .. })),
        "only the key in force is rotated"
    );
}

#[tokio::test]
async fn an_old_key_signs_nothing_after_its_time() {
    let audited = Audited::new(3).await;
    audited.checkpoint().await;
    let next = SigningKey::from_seed([8; 32]);
    audited
        .checkpoints
        .rotate_key(&audited.key, &next, time(500))
        .await
        .unwrap();
    sqlx::raw_sql(
        "UPDATE ledger_signing_keys SET valid_until = valid_from WHERE valid_until IS NOT NULL",
    )
    .execute(&audited.world.pool)
    .await
    .unwrap();
    let late = Err((3, CheckpointFault::KeyNotInForce.to_string()));
    assert_eq!(audited.verify(&trusting(&next)).await, late);
}

#[tokio::test]
async fn an_event_is_proved_against_a_checkpoint_alone() {
    let audited = Audited::new(11).await;
    let checkpoint = audited.checkpoint().await;
    audited.record(4).await;
    for position in 1..=11 {
        let proof = audited
            .reader
            .prove(Position(position), None)
            .await
            .unwrap();
        let text = serde_json::to_string(&proof).unwrap();
        let proof: InclusionProof = serde_json::from_str(&text).unwrap();
        assert_eq!(proof.verify(Some(&checkpoint), &[]), Ok(()));
        assert_eq!(proof.verify(None, &[audited.key.public()]), Ok(()));
        let stranger = SigningKey::from_seed([1; 32]).public();
        assert!(matches!(
            proof.verify(None, &[stranger]),
            Err(InvalidProof::Checkpoint(CheckpointFault::UnknownKey))
        ));
        let mut changed = proof.clone();
        changed.event.as_mut().unwrap().payload["amount"] = 5.into();
        assert_eq!(
            changed.verify(Some(&checkpoint), &[]),
            Err(InvalidProof::Event)
        );
        let mut blind = proof.clone();
        blind.event = None;
        assert_eq!(blind.verify(Some(&checkpoint), &[]), Ok(()));
        blind.content[0] ^= 1;
        assert_eq!(
            blind.verify(Some(&checkpoint), &[]),
            Err(InvalidProof::Event)
        );
        let mut moved = proof.clone();
        moved.path.reverse();
        if moved.path != proof.path {
            assert_eq!(
                moved.verify(Some(&checkpoint), &[]),
                Err(InvalidProof::Path)
            );
        }
    }
    let missing = audited.reader.prove(Position(12), None).await;
    assert!(matches!(
        missing,
        Err(ProveError::NoCheckpoint(Position(12)))
    ));
    let missing = audited.reader.prove(Position(99), None).await;
    assert!(matches!(missing, Err(ProveError::NoEvent(Position(99)))));
}

#[tokio::test]
async fn a_reader_needs_no_write_permission() {
    let audited = Audited::new(5).await;
    audited.checkpoint().await;
    let role = format!("reader_{}", audited.world.database.name());
    sqlx::raw_sql(&format!(
        "CREATE ROLE \"{role}\" LOGIN; GRANT SELECT ON events, ledger_head, ledger_checkpoints, ledger_signing_keys TO \"{role}\""
    ))
    .execute(&audited.world.pool)
    .await
    .unwrap();
    let options = audited.world.database.options().username(&role);
    let reader = LedgerReader::new(crate::support::pool(options), types());
    let all = Position(1)..=Position(i64::MAX);
    let verified = reader
        .verify_against(all.clone(), &Evidence::default(), |_| {})
        .await
        .unwrap();
    assert_eq!((verified.verified.events, verified.checkpoints), (5, 1));
    reader.export(all, &mut Vec::new(), |_| {}).await.unwrap();
    reader.prove(Position(2), None).await.unwrap();
    reader.replay("account", "a", Position(3)).await.unwrap();
    assert!(
        Checkpoints::new(reader)
            .make(&audited.key, time(9))
            .await
            .is_err()
    );
    sqlx::raw_sql(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\""))
        .execute(&audited.world.pool)
        .await
        .unwrap();
}
