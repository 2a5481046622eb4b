//! Which keys sign for a log, one after the other, and which of them count.

use serde::{Deserialize, Serialize};

use super::note::Note;
use super::{Checkpoint, CheckpointFault, PublicKey, SigningKey};
use crate::Position;

const TITLE: &str = "chancery ledger key";

/// A public key as the ledger records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The public key.
    pub public_key: PublicKey,
    /// It signs checkpoints of later positions than this.
    pub after: Position,
    /// The key it took over from.
    pub predecessor: Option<PublicKey>,
    /// A note that says so, signed by the key and by its predecessor: `docs/ledger-format.md`.
    pub statement: String,
}

impl KeyRecord {
    pub(super) fn new(
        key: &SigningKey,
        origin: &str,
        after: Position,
        predecessor: Option<&SigningKey>,
    ) -> Self {
        let mut record = Self {
            public_key: key.public(origin),
            after,
            predecessor: predecessor.map(|key| key.public(origin)),
            statement: String::new(),
        };
        let mut note = Note::new(record.text()).signed_by(key, origin);
        if let Some(predecessor) = predecessor {
            note = note.signed_by(predecessor, origin);
        }
        record.statement = note.to_string();
        record
    }

    fn text(&self) -> String {
        let (key, after) = (&self.public_key, self.after);
        match &self.predecessor {
            Some(predecessor) => format!("{TITLE}\n{key}\n{after}\n{predecessor}\n"),
            None => format!("{TITLE}\n{key}\n{after}\n"),
        }
    }

    /// Whether the key itself says what the record says.
    fn is_sound(&self) -> bool {
        self.is_stated_by(&self.public_key)
    }

    fn is_endorsed_by(&self, other: &Self) -> bool {
        self.predecessor.as_ref() == Some(&other.public_key) && self.is_stated_by(&other.public_key)
    }

    fn is_stated_by(&self, key: &PublicKey) -> bool {
        self.statement
            .parse::<Note>()
            .is_ok_and(|note| note.text == self.text() && note.is_signed_by(key) == Some(true))
    }
}

/// The keys whose checkpoints count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyring(Vec<KeyRecord>);

impl Keyring {
    /// From the keys that a ledger or an export declares. With `roots`, those and the ones connected with them by
    /// endorsements; without, all of them.
    pub fn new(declared: &[KeyRecord], roots: &[PublicKey]) -> Self {
        let mut rest: Vec<&KeyRecord> = declared.iter().filter(|key| key.is_sound()).collect();
        let is_root = |key: &KeyRecord| roots.is_empty() || roots.contains(&key.public_key);
        let mut trusted: Vec<KeyRecord> = Vec::new();
        loop {
            let next = rest.iter().position(|key| {
                is_root(key)
                    || trusted
                        .iter()
                        .any(|other| key.is_endorsed_by(other) || other.is_endorsed_by(key))
            });
            let Some(next) = next else {
                return Self(trusted);
            };
            trusted.push(rest.swap_remove(next).clone());
        }
    }

    /// Checks that a checkpoint is signed by one of the keys, while that was in force.
    pub fn check(&self, checkpoint: &Checkpoint) -> Result<(), CheckpointFault> {
        let mut outcome = Err(CheckpointFault::UnknownKey);
        for key in &self.0 {
            match checkpoint.is_signed_by(&key.public_key) {
                None => {}
                Some(false) => return Err(CheckpointFault::BadSignature),
                Some(true) if self.is_in_force(key, checkpoint.position) => return Ok(()),
                Some(true) => outcome = Err(CheckpointFault::KeyNotInForce),
            }
        }
        outcome
    }

    /// A key signs until a successor does.
    fn is_in_force(&self, key: &KeyRecord, position: Position) -> bool {
        let mut successors = self.0.iter().filter(|other| other.is_endorsed_by(key));
        position > key.after && successors.all(|successor| position <= successor.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "example.com/log";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32])
    }

    #[test]
    fn trust_follows_endorsements_in_both_directions_and_stops_at_strangers() {
        let start = Position::START;
        let first = KeyRecord::new(&key(1), ORIGIN, start, None);
        let second = KeyRecord::new(&key(2), ORIGIN, start, Some(&key(1)));
        let third = KeyRecord::new(&key(3), ORIGIN, start, Some(&key(2)));
        let stranger = KeyRecord::new(&key(4), ORIGIN, start, None);
        let mut forged = KeyRecord::new(&key(5), ORIGIN, start, Some(&key(4)));
        forged.predecessor = Some(first.public_key.clone());
        let declared = [first, second, third, stranger.clone(), forged];
        for root in [1, 2, 3] {
            let keyring = Keyring::new(&declared, &[key(root).public(ORIGIN)]);
            assert_eq!(keyring.0.len(), 3, "from key {root}");
            assert!(!keyring.0.contains(&stranger));
        }
        assert_eq!(Keyring::new(&declared, &[]).0.len(), 4, "all sound ones");
    }
}
