use std::collections::VecDeque;

use super::{Checkpoint, KeyRecord, Keyring, LastSigned, PublicKey};
use crate::Position;
use crate::merkle::{Frontier, leaf};
use crate::verify::Link;

/// What an auditor kept elsewhere, and so what a log is held against.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Checkpoints. The log must agree with them.
    pub checkpoints: Vec<Checkpoint>,
    /// Public keys. With any, only their checkpoints count, and those of keys that they endorse or that endorse them.
    pub keys: Vec<PublicKey>,
    /// What the signer remembers beside its key.
    pub last_signed: Option<LastSigned>,
}

/// What is wrong with a checkpoint, or with the log up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// The chain fits together but is not the one that was signed.
    #[error("the log was rewritten: its root is not the one that the checkpoint signed")]
    Rewritten,
    /// The log ends before it.
    #[error("the log was cut off: it ends before the checkpoint")]
    BeyondEnd,
    /// The signature is not the key's.
    #[error("the checkpoint's signature is not right")]
    BadSignature,
    /// Nobody vouches for the key.
    #[error("the checkpoint is signed by a key that is not trusted")]
    UnknownKey,
    /// Another key signed at the checkpoint's position.
    #[error("the checkpoint's key was not in force at its position")]
    KeyNotInForce,
    /// The verification begins later than the tree, of which too little is stored.
    #[error("the tree before the range is not there: verify from the first event on")]
    NoTree,
}

/// Holds checkpoints against a chain as it is walked.
pub(crate) struct Witness {
    keys: Keyring,
    last_signed: Option<LastSigned>,
    due: VecDeque<Due>,
    /// Grows with the walk; `None` when it is not known where that begins.
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
    /// For a walk that begins after `start`, where the tree is `tree`. `declared` and `recorded` come with the log and prove
    /// nothing by themselves.
    pub fn new(
        start: Position,
        tree: Option<Frontier>,
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
            last_signed: evidence
                .last_signed
                .clone()
                .filter(|last| last.position > start),
            due: due.into(),
            tree,
            checkpoints: 0,
            attested: None,
        }
    }

    /// The walk reached a position.
    pub fn reached(&mut self, link: &Link) -> Result<(), (Position, CheckpointFault)> {
        if let Some(tree) = &mut self.tree {
            tree.push(leaf(&link.entry));
        }
        let is_last_signed = |last: &mut LastSigned| last.position == link.position;
        if let Some(last) = self.last_signed.take_if(is_last_signed) {
            let root = self.tree.as_ref().map(Frontier::root);
            if last.hash != link.hash || root.is_some_and(|root| root != last.root) {
                return Err((link.position, CheckpointFault::Rewritten));
            }
        }
        while let Some(due) = self
            .due
            .pop_front_if(|due| due.checkpoint.position <= link.position)
        {
            self.hold(due).map_err(|fault| (link.position, fault))?;
        }
        Ok(())
    }

    fn hold(&mut self, due: Due) -> Result<(), CheckpointFault> {
        let Due { checkpoint, kept } = due;
        match self.keys.check(&checkpoint) {
            Err(CheckpointFault::UnknownKey) if kept => {}
            outcome => outcome?,
        }
        let tree = self.tree.as_ref().ok_or(CheckpointFault::NoTree)?;
        if tree.root() != checkpoint.root {
            return Err(CheckpointFault::Rewritten);
        }
        self.checkpoints += 1;
        self.attested = Some(checkpoint);
        Ok(())
    }

    /// The walk is over; `complete`: at the end of the log.
    pub fn finish(&self, complete: bool) -> Result<(), (Position, CheckpointFault)> {
        let due = self.due.front().map(|due| due.checkpoint.position);
        let last_signed = self.last_signed.as_ref().map(|last| last.position);
        match due.or(last_signed) {
            Some(position) if complete => Err((position, CheckpointFault::BeyondEnd)),
            _ => Ok(()),
        }
    }
}
