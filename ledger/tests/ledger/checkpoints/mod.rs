mod keys;
mod permissions;
mod proofs;
mod rewriting;

use chancery_ledger::{
    Checkpoint, Checkpoints, Evidence, KeyInForce, Ledger, LedgerReader, Position, SigningKey,
    VerifiedLog, VerifyError,
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
