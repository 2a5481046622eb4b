mod keys;
mod permissions;
mod proofs;
mod rewriting;
mod signer;
mod tiles;

use std::sync::Mutex;

use chancery_ledger::{
    Checkpoint, CheckpointError, Checkpoints, Evidence, KeyInForce, LastSigned, Ledger,
    LedgerReader, Position, PublicKey, SigningKey, VerifiedLog, VerifyError,
};

use crate::support::account::{Account, deposit, types};
use crate::support::{World, context, time};

struct Audited {
    world: World,
    ledger: Ledger,
    reader: LedgerReader,
    checkpoints: Checkpoints,
    key: SigningKey,
    origin: String,
    last: Mutex<Option<LastSigned>>,
}

impl Audited {
    /// A ledger of `events` events and a key.
    async fn new(events: u32) -> Self {
        let world = World::new().await;
        let ledger = world.ledger().await;
        record(&ledger, events).await;
        let reader = LedgerReader::new(world.pool.clone(), types());
        let checkpoints = Checkpoints::new(reader.clone());
        let key = SigningKey::from_seed([7; 32]);
        let origin = reader.origin().await.unwrap().unwrap();
        let recorded = checkpoints.ensure_key(&key).await.unwrap();
        assert_eq!(recorded, KeyInForce::Recorded(key.public(&origin)));
        Self {
            world,
            ledger,
            reader,
            checkpoints,
            key,
            origin,
            last: Mutex::default(),
        }
    }

    async fn record(&self, events: u32) {
        record(&self.ledger, events).await;
    }

    fn public(&self, key: &SigningKey) -> PublicKey {
        key.public(&self.origin)
    }

    fn trusting(&self, key: &SigningKey) -> Evidence {
        Evidence {
            keys: vec![self.public(key)],
            ..Evidence::default()
        }
    }

    /// Signs as a signer does that remembers what it signed last.
    async fn sign(&self, key: &SigningKey) -> Result<Option<Checkpoint>, CheckpointError> {
        let last = self.last.lock().unwrap().clone();
        let Some(signed) = self.checkpoints.sign(key, last.as_ref()).await? else {
            return Ok(None);
        };
        *self.last.lock().unwrap() = Some(signed.last_signed.clone());
        self.checkpoints.publish(&signed, time(1)).await?;
        Ok(Some(signed.checkpoint))
    }

    /// Signs as a signer does that has forgotten everything.
    async fn sign_anew(&self, key: &SigningKey) -> Result<Option<Checkpoint>, CheckpointError> {
        *self.last.lock().unwrap() = None;
        self.sign(key).await
    }

    async fn checkpoint(&self) -> Checkpoint {
        self.sign(&self.key).await.unwrap().unwrap()
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
        ..Evidence::default()
    }
}

async fn record(ledger: &Ledger, events: u32) {
    for _ in 0..events {
        ledger
            .execute::<Account>("a", deposit(1), &context())
            .await
            .unwrap();
    }
}
