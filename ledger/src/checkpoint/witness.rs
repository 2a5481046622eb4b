use std::collections::VecDeque;

use super::{Checkpoint, KeyRecord, Keyring, PublicKey};
use crate::Position;
use crate::merkle::{Frontier, Hash};

/// What an auditor kept elsewhere, and so what a log is held against.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Checkpoints. The log must agree with them.
    pub checkpoints: Vec<Checkpoint>,
    /// Public keys. With any, only their checkpoints count, and those of keys that they endorse or that endorse them.
    pub keys: Vec<PublicKey>,
}

/// What is wrong with a checkpoint, or with the log up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// The chain fits together but is not the one that was signed.
    #[error("the log was rewritten: its hash is not the one that the checkpoint signed")]
    Rewritten,
    /// The hash is the signed one, the tree's root is not.
    #[error("the checkpoint's Merkle root is not the log's")]
    RootMismatch,
    /// The log ends before it.
    #[error("the log was cut off: it ends before the checkpoint")]
    BeyondEnd,
    /// The signature is not the key's.
    #[error("the checkpoint's signature is not right")]
    BadSignature,
    /// Nobody vouches for the key.
    #[error("the checkpoint is signed by a key that is not trusted")]
    UnknownKey,
    /// The key was not in force at the checkpoint's time.
    #[error("the checkpoint's key was not in force at its time")]
    KeyNotInForce,
}

/// Holds checkpoints against a chain as it is walked.
pub(crate) struct Witness {
    keys: Keyring,
    due: VecDeque<Due>,
    /// Known when the walk begins at the first event.
    tree: Option<Frontier>,
    pub checkpoints: u64,
    pub attested: Option<Checkpoint>,
}

struct Due {
    checkpoint: Checkpoint,
    /// Kept by the auditor: it counts whether or not its key is known.
    kept: bool,
}

impl Witness {
    /// For a walk that begins after `start`. `declared` and `recorded` come with the log and prove nothing by themselves.
    pub fn new(
        start: Position,
        declared: &[KeyRecord],
        recorded: Vec<Checkpoint>,
        evidence: &Evidence,
    ) -> Self {
        let kept = evidence.checkpoints.iter().cloned();
        let mut due: Vec<Due> = recorded
            .into_iter()
            .map(|checkpoint| (checkpoint, false))
            .chain(kept.map(|checkpoint| (checkpoint, true)))
            .map(|(checkpoint, kept)| Due { checkpoint, kept })
            .filter(|due| due.checkpoint.position > start)
            .collect();
        due.sort_by_key(|due| due.checkpoint.position);
        Self {
            keys: Keyring::new(declared, &evidence.keys),
            due: due.into(),
            tree: (start == Position::START).then(Frontier::default),
            checkpoints: 0,
            attested: None,
        }
    }

    /// The walk reached a position.
    pub fn reached(
        &mut self,
        position: Position,
        hash: &Hash,
    ) -> Result<(), (Position, CheckpointFault)> {
        if let Some(tree) = &mut self.tree {
            tree.push(hash);
        }
        while let Some(due) = self
            .due
            .pop_front_if(|due| due.checkpoint.position <= position)
        {
            self.hold(due, hash).map_err(|fault| (position, fault))?;
        }
        Ok(())
    }

    fn hold(&mut self, due: Due, hash: &Hash) -> Result<(), CheckpointFault> {
        let Due { checkpoint, kept } = due;
        match checkpoint.check(&self.keys) {
            Err(CheckpointFault::UnknownKey) if kept => {}
            outcome => outcome?,
        }
        if checkpoint.hash != *hash {
            return Err(CheckpointFault::Rewritten);
        }
        if let Some(tree) = &self.tree
            && tree.root() != checkpoint.root
        {
            return Err(CheckpointFault::RootMismatch);
        }
        self.checkpoints += 1;
        self.attested = Some(checkpoint);
        Ok(())
    }

    /// The walk is over; `complete`: at the end of the log.
    pub fn finish(&self, complete: bool) -> Result<(), (Position, CheckpointFault)> {
        match self.due.front() {
            Some(due) if complete => Err((due.checkpoint.position, CheckpointFault::BeyondEnd)),
            _ => Ok(()),
        }
    }
}
