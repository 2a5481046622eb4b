//! Checkpoints in a row, by one key and the next.

use chancery_ledger::{CheckpointError, CheckpointFault, Position, SigningKey};

use super::Audited;

#[tokio::test]
async fn checkpoints_follow_one_another_and_the_log_agrees_with_all() {
    let audited = Audited::new(5).await;
    let first = audited.checkpoint().await;
    assert_eq!(audited.sign(&audited.key).await.unwrap(), None);
    audited.record(8).await;
    let second = audited.checkpoint().await;
    assert_eq!(
        (first.position, second.position),
        (Position(5), Position(13))
    );
    audited.record(1).await;
    let verified = audited
        .verify(&audited.trusting(&audited.key))
        .await
        .unwrap();
    assert_eq!((verified.verified.events, verified.checkpoints), (14, 2));
    assert_eq!(verified.attested, Some(second));
}

#[tokio::test]
async fn after_a_rotation_either_key_vouches_for_all_checkpoints() {
    let audited = Audited::new(3).await;
    audited.checkpoint().await;
    let next = SigningKey::from_seed([8; 32]);
    audited
        .checkpoints
        .rotate_key(&audited.key, &next)
        .await
        .unwrap();
    audited.record(3).await;
    let refused = audited.sign(&audited.key).await.unwrap_err();
    assert!(matches!(refused, CheckpointError::OtherKey { .. }));
    let later = audited.sign(&next).await.unwrap();
    for key in [&audited.key, &next] {
        let verified = audited.verify(&audited.trusting(key)).await.unwrap();
        assert_eq!((verified.checkpoints, &verified.attested), (2, &later));
    }
    let refused = audited.checkpoints.rotate_key(&audited.key, &next).await;
    assert!(
        matches!(refused, Err(CheckpointError::OtherKey { .. })),
        "only the key in force is rotated"
    );
}

#[tokio::test]
async fn an_old_key_signs_nothing_after_its_successor() {
    let audited = Audited::new(3).await;
    audited.checkpoint().await;
    let next = SigningKey::from_seed([8; 32]);
    audited
        .checkpoints
        .rotate_key(&audited.key, &next)
        .await
        .unwrap();
    audited.record(1).await;
    // Who still has the old key takes the new one out of the way for a moment.
    sqlx::raw_sql("CREATE TABLE aside AS SELECT * FROM ledger_signing_keys WHERE predecessor IS NOT NULL; DELETE FROM ledger_signing_keys WHERE predecessor IS NOT NULL")
        .execute(&audited.world.pool)
        .await
        .unwrap();
    audited.checkpoint().await;
    sqlx::raw_sql("INSERT INTO ledger_signing_keys SELECT * FROM aside")
        .execute(&audited.world.pool)
        .await
        .unwrap();
    let late = Err((4, CheckpointFault::KeyNotInForce.to_string()));
    assert_eq!(audited.verify(&audited.trusting(&next)).await, late);
}
