//! Inclusion proofs.

use chancery_ledger::{
    CheckpointFault, InclusionProof, InvalidProof, Position, ProveError, SigningKey,
};

use super::Audited;

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
