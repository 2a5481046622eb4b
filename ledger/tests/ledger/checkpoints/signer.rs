//! What a signer remembers stands against whoever can write the database.

use chancery_ledger::{CheckpointError, CheckpointFault, Evidence, VerifyError};

use super::Audited;

const FORGET: &str = "DELETE FROM ledger_checkpoints; DELETE FROM ledger_tiles";

impl Audited {
    async fn sql(&self, statements: &'static str) {
        sqlx::raw_sql(statements)
            .execute(&self.world.pool)
            .await
            .unwrap();
    }

    async fn refused(&self) -> (i64, CheckpointFault) {
        match self.sign(&self.key).await.unwrap_err() {
            CheckpointError::Altered(VerifyError::Checkpoint { position, fault }) => {
                (position.0, fault)
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_history_that_was_forged_with_its_checkpoints_is_not_signed() {
    let audited = Audited::new(6).await;
    audited.checkpoint().await;
    audited.rewrite(2).await;
    audited.sql(FORGET).await;
    audited.record(1).await;
    assert_eq!(audited.refused().await, (6, CheckpointFault::Rewritten));
    // Nor does it become true by being forged again.
    assert_eq!(audited.refused().await, (6, CheckpointFault::Rewritten));
    let evidence = Evidence {
        last_signed: audited.last.lock().unwrap().clone(),
        ..Evidence::default()
    };
    let rewritten = Err((6, CheckpointFault::Rewritten.to_string()));
    assert_eq!(audited.verify(&evidence).await, rewritten);
}

#[tokio::test]
async fn a_history_that_was_cut_off_with_its_checkpoints_is_not_signed() {
    let audited = Audited::new(6).await;
    audited.checkpoint().await;
    audited.sql(FORGET).await;
    audited.sql(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever; DELETE FROM events WHERE position > 4;
         UPDATE ledger_head SET position = 4, hash = (SELECT hash FROM events WHERE position = 4)",
    )
    .await;
    assert_eq!(audited.refused().await, (6, CheckpointFault::BeyondEnd));
    let evidence = Evidence {
        last_signed: audited.last.lock().unwrap().clone(),
        ..Evidence::default()
    };
    let cut = Err((6, CheckpointFault::BeyondEnd.to_string()));
    assert_eq!(audited.verify(&evidence).await, cut);
}

#[tokio::test]
async fn another_log_is_not_signed_with_the_key() {
    let audited = Audited::new(2).await;
    audited.checkpoint().await;
    audited.rewrite(1).await;
    audited.sql(FORGET).await;
    let refused = audited.sign(&audited.key).await.unwrap_err();
    assert!(
        matches!(refused, CheckpointError::OtherLog { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn checkpoints_and_tiles_that_were_lost_come_back_with_the_next_checkpoint() {
    let audited = Audited::new(300).await;
    let before = audited.checkpoint().await;
    audited.sql(FORGET).await;
    let again = audited.checkpoint().await;
    assert_eq!(again, before);
    audited.record(3).await;
    let later = audited.checkpoint().await;
    audited
        .sql("UPDATE ledger_tiles SET hashes = sha256('forged') || substr(hashes, 33)")
        .await;
    audited.record(1).await;
    let last = audited.checkpoint().await;
    for (earlier, later) in [(&before, &later), (&later, &last)] {
        audited
            .reader
            .prove_extension(earlier, later)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_checkpoint_that_was_not_published_is_made_again() {
    let audited = Audited::new(5).await;
    let signed = audited.checkpoints.sign(&audited.key, None).await.unwrap();
    let signed = signed.unwrap();
    *audited.last.lock().unwrap() = Some(signed.last_signed);
    assert_eq!(audited.checkpoint().await, signed.checkpoint);
    assert_eq!(audited.sign(&audited.key).await.unwrap(), None);
}
