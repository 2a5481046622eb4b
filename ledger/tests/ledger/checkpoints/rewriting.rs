//! A log that somebody rewrote, cut off or broke.

use std::io::Cursor;

use chancery_ledger::{
    CheckpointError, CheckpointFault, Evidence, Fault, Position, SigningKey, VerifyError,
    VerifyExportError, verify_export,
};

use super::{Audited, kept};

impl Audited {
    /// What one who may write the database, and knows the format, does: changes an event and makes the chain fit.
    pub async fn rewrite(&self, position: i64) {
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
        let mut content = event.append_id.as_bytes().to_vec();
        content.extend(event.sequence.to_be_bytes());
        for text in [
            &event.aggregate_type,
            &event.aggregate_id,
            &event.event_type,
            &event.event_version,
            event.payload.get(),
            event.metadata.get(),
        ] {
            content.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
            content.extend(text.as_bytes());
        }
        let content = Sha256::digest(content);
        let mut hasher = Sha256::new();
        hasher.update(before.map_or([0; 32], |before| before.hash));
        hasher.update(position.0.to_be_bytes());
        hasher.update(event.recorded_at.timestamp_micros().to_be_bytes());
        hasher.update(content);
        hasher.finalize().to_vec()
    }
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
            .verify(&audited.trusting(&audited.key))
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
    let remembering = audited.sign(&audited.key).await.unwrap_err();
    let forgetful = audited.sign_anew(&audited.key).await.unwrap_err();
    for refused in [remembering, forgetful] {
        assert!(
            matches!(
                refused,
                CheckpointError::Altered(VerifyError::Checkpoint { .. })
            ),
            "{refused}"
        );
    }
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
    audited.checkpoints.ensure_key(&own).await.unwrap();
    audited.sign(&own).await.unwrap();
    let unaware = audited.verify(&Evidence::default()).await.unwrap();
    assert_eq!(unaware.checkpoints, 1);
    let unknown = Err((4, CheckpointFault::UnknownKey.to_string()));
    assert_eq!(
        audited.verify(&audited.trusting(&audited.key)).await,
        unknown
    );
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
    assert!(audited.sign(&audited.key).await.is_err());
    assert!(audited.sign_anew(&audited.key).await.is_err());
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
    let refused = audited.sign(&audited.key).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the log will not be signed: position 5: the event was changed"
    );
}
