//! Inclusion and consistency proofs.

use chancery_ledger::{
    Checkpoint, CheckpointFault, InclusionProof, InvalidProof, Position, ProveError, SigningKey,
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
        let read = |text: &str| serde_json::from_str::<InclusionProof>(text).unwrap();
        let proof = read(&text);
        assert_eq!(proof.verify(Some(&checkpoint), &[]), Ok(()));
        assert_eq!(proof.verify(None, &[audited.public(&audited.key)]), Ok(()));
        let stranger = audited.public(&SigningKey::from_seed([1; 32]));
        assert!(matches!(
            proof.verify(None, &[stranger]),
            Err(InvalidProof::Checkpoint(CheckpointFault::UnknownKey))
        ));
        let changed = read(&text.replace("\"amount\":1", "\"amount\":5"));
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
            Err(InvalidProof::Path)
        );
        let mut moved = proof.clone();
        moved.proof.path.reverse();
        if moved.proof != proof.proof {
            assert_eq!(
                moved.verify(Some(&checkpoint), &[]),
                Err(InvalidProof::Path)
            );
        }
        let mut elsewhere = proof.clone();
        elsewhere.proof.index += 1;
        assert_eq!(
            elsewhere.verify(Some(&checkpoint), &[]),
            Err(InvalidProof::Path)
        );
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
async fn a_later_checkpoint_is_proved_to_extend_an_earlier_one() {
    let audited = Audited::new(3).await;
    let mut checkpoints = vec![audited.checkpoint().await];
    for more in [1, 4, 5] {
        audited.record(more).await;
        checkpoints.push(audited.checkpoint().await);
    }
    for (n, later) in checkpoints.iter().enumerate() {
        for earlier in &checkpoints[..=n] {
            let proof = audited.reader.prove_extension(earlier, later).await;
            assert_eq!(proof.unwrap().is_empty(), earlier == later);
        }
    }
    let backwards = audited
        .reader
        .prove_extension(&checkpoints[2], &checkpoints[1])
        .await;
    assert!(matches!(backwards, Err(ProveError::Altered(_))));
    // Another log's checkpoint, as one with the same events would have it.
    let other = Audited::new(3).await;
    let other: Checkpoint = other.checkpoint().await;
    let stranger = audited
        .reader
        .prove_extension(&other, &checkpoints[3])
        .await;
    assert!(matches!(stranger, Err(ProveError::Altered(Position(3)))));
}
