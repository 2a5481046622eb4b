//! Keys that sign checkpoints (Ed25519, RFC 8032).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signer, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A private key. It is shown by no `Debug`.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// A text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// Not an Ed25519 private key in PKCS#8 PEM.
    #[error("not an Ed25519 private key in PEM (PKCS#8)")]
    Private,
    /// Not an Ed25519 public key in hexadecimal digits.
    #[error("not an Ed25519 public key: expected 64 hexadecimal digits")]
    Public,
}

impl SigningKey {
    /// The key of 32 random bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Reads [`to_pem`](Self::to_pem).
    pub fn from_pem(text: &str) -> Result<Self, KeyTextError> {
        ed25519_dalek::SigningKey::from_pkcs8_pem(text)
            .map(Self)
            .map_err(|_| KeyTextError::Private)
    }

    /// The key in PEM (PKCS#8), as `openssl pkey` reads it.
    pub fn to_pem(&self) -> Result<String, KeyTextError> {
        self.0
            .to_pkcs8_pem(LineEnding::LF)
            .map(|pem| pem.as_str().to_owned())
            .map_err(|_| KeyTextError::Private)
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

/// A public key; 64 lower-case hexadecimal digits as text and in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(#[serde(with = "hex::serde")] pub [u8; 32]);

impl PublicKey {
    /// The first 16 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0)[..8])
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for PublicKey {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| KeyTextError::Public)?;
        VerifyingKey::from_bytes(&bytes).map_err(|_| KeyTextError::Public)?;
        Ok(Self(bytes))
    }
}

/// An Ed25519 signature; 128 lower-case hexadecimal digits in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(#[serde(with = "hex::serde")] pub [u8; 64]);

/// A public key as the ledger records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// [`PublicKey::id`].
    pub key_id: String,
    /// The public key.
    pub public_key: PublicKey,
    /// When it came into force.
    pub valid_from: DateTime<Utc>,
    /// When it went out of force; `None` while it is in force.
    pub valid_until: Option<DateTime<Utc>>,
    /// The key it took over from.
    pub predecessor: Option<String>,
    /// Its own signature of [its statement](Self::statement).
    pub signature: Signature,
    /// The predecessor's signature of the same.
    pub endorsement: Option<Signature>,
}

impl KeyRecord {
    pub(super) fn new(
        key: &SigningKey,
        valid_from: DateTime<Utc>,
        predecessor: Option<&SigningKey>,
    ) -> Self {
        let public_key = key.public();
        let mut record = Self {
            key_id: public_key.id(),
            public_key,
            valid_from,
            valid_until: None,
            predecessor: predecessor.map(|key| key.public().id()),
            signature: Signature([0; 64]),
            endorsement: None,
        };
        let statement = record.statement();
        record.signature = key.sign(&statement);
        record.endorsement = predecessor.map(|key| key.sign(&statement));
        record
    }

    /// What the key and its predecessor sign: `docs/ledger-format.md`.
    fn statement(&self) -> Vec<u8> {
        format!(
            "chancery ledger key v1\n{}\n{}\n{}\n{}\n",
            self.key_id,
            self.public_key,
            self.valid_from.timestamp_micros(),
            self.predecessor.as_deref().unwrap_or_default()
        )
        .into_bytes()
    }

    fn is_sound(&self) -> bool {
        self.key_id == self.public_key.id()
            && self.public_key.verifies(&self.statement(), &self.signature)
    }

    fn is_endorsed_by(&self, predecessor: &Self) -> bool {
        self.predecessor.as_ref() == Some(&predecessor.key_id)
            && self.endorsement.is_some_and(|endorsement| {
                let key = predecessor.public_key;
                key.verifies(&self.statement(), &endorsement)
            })
    }
}

/// The keys whose checkpoints count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyring(BTreeMap<String, KeyRecord>);

impl Keyring {
    /// From the keys that a ledger or an export declares. With `roots`, those and the ones connected with them by
    /// endorsements; without, all of them.
    pub fn new(declared: &[KeyRecord], roots: &[PublicKey]) -> Self {
        let sound: Vec<&KeyRecord> = declared.iter().filter(|key| key.is_sound()).collect();
        let is_root = |key: &KeyRecord| roots.is_empty() || roots.contains(&key.public_key);
        let mut trusted: BTreeMap<String, KeyRecord> = sound
            .iter()
            .filter(|key| is_root(key))
            .map(|key| (key.key_id.clone(), (*key).clone()))
            .collect();
        loop {
            let connected = |key: &KeyRecord| {
                trusted
                    .values()
                    .any(|other| key.is_endorsed_by(other) || other.is_endorsed_by(key))
            };
            let next = sound
                .iter()
                .find(|key| !trusted.contains_key(&key.key_id) && connected(key));
            let Some(next) = next else { break };
            trusted.insert(next.key_id.clone(), (*next).clone());
        }
        Self(trusted)
    }

    pub fn get(&self, key_id: &str) -> Option<&KeyRecord> {
        self.0.get(key_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32])
    }

    fn ids(keyring: &Keyring) -> Vec<&str> {
        keyring.0.keys().map(String::as_str).collect()
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let pem = key(1).to_pem().unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(
            SigningKey::from_pem(&pem).unwrap().public(),
            key(1).public()
        );
        assert_eq!(key(1).public().to_string().parse(), Ok(key(1).public()));
        assert!(SigningKey::from_pem("nonsense").is_err());
        assert!("00".parse::<PublicKey>().is_err());
        assert!(!format!("{:?}", key(1)).contains(&pem[40..60]));
    }

    #[test]
    fn trust_follows_endorsements_in_both_directions_and_stops_at_strangers() {
        let now = DateTime::UNIX_EPOCH;
        let first = KeyRecord::new(&key(1), now, None);
        let second = KeyRecord::new(&key(2), now, Some(&key(1)));
        let third = KeyRecord::new(&key(3), now, Some(&key(2)));
        let stranger = KeyRecord::new(&key(4), now, None);
        let mut forged = KeyRecord::new(&key(5), now, Some(&key(4)));
        forged.predecessor = Some(first.key_id.clone());
        let declared = [first, second, third, stranger, forged];
        for root in [1, 2, 3] {
            let keyring = Keyring::new(&declared, &[key(root).public()]);
            assert_eq!(ids(&keyring).len(), 3, "from key {root}");
            assert!(keyring.get(&key(4).public().id()).is_none());
        }
        assert_eq!(
            ids(&Keyring::new(&declared, &[])).len(),
            4,
            "all sound ones"
        );
    }
}
