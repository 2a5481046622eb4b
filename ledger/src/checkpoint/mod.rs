//! Signed checkpoints: statements of what the ledger held, which nobody can make without the private key.
//!
//! An auditor who keeps one, or only the public key, finds out when the whole chain is rewritten. `docs/ledger-format.md`
//! says what is signed.

mod key;
mod maker;
mod proof;
mod store;
mod witness;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Position;

pub(crate) use key::Keyring;
pub use key::{KeyRecord, KeyTextError, PublicKey, Signature, SigningKey};
pub use maker::{CheckpointError, Checkpoints, KeyInForce};
pub use proof::{InclusionProof, InvalidProof, ProveError};
pub(crate) use witness::Witness;
pub use witness::{CheckpointFault, Evidence};

/// A signed statement: at `position` the chain's hash was `hash`, and the Merkle tree over the events up to there had
/// the root `root`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The last event it covers.
    pub position: Position,
    /// The chain's hash there; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
    /// Root of the Merkle tree (RFC 6962) over the hashes of events 1 to `position`; hexadecimal in JSON.
    #[serde(with = "hex::serde")]
    pub root: [u8; 32],
    /// When it was made.
    pub time: DateTime<Utc>,
    /// The key that signed it.
    pub key_id: String,
    /// The signature.
    pub signature: Signature,
}

impl Checkpoint {
    fn sign(
        key: &SigningKey,
        position: Position,
        hash: [u8; 32],
        root: [u8; 32],
        time: DateTime<Utc>,
    ) -> Self {
        let mut checkpoint = Self {
            position,
            hash,
            root,
            time,
            key_id: key.public().id(),
            signature: Signature([0; 64]),
        };
        checkpoint.signature = key.sign(&checkpoint.statement());
        checkpoint
    }

    /// What is signed.
    fn statement(&self) -> Vec<u8> {
        format!(
            "chancery ledger checkpoint v1\n{}\n{}\n{}\n{}\n{}\n",
            self.position,
            hex::encode(self.hash),
            hex::encode(self.root),
            self.time.timestamp_micros(),
            self.key_id
        )
        .into_bytes()
    }

    /// Checks the signature against the keys that count.
    fn check(&self, keys: &Keyring) -> Result<(), CheckpointFault> {
        let key = keys.get(&self.key_id).ok_or(CheckpointFault::UnknownKey)?;
        if !key.public_key.verifies(&self.statement(), &self.signature) {
            return Err(CheckpointFault::BadSignature);
        }
        let in_force =
            self.time >= key.valid_from && key.valid_until.is_none_or(|until| self.time <= until);
        if in_force {
            Ok(())
        } else {
            Err(CheckpointFault::KeyNotInForce)
        }
    }

    /// Whether `key` made it.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.key_id == key.id() && key.verifies(&self.statement(), &self.signature)
    }
}
