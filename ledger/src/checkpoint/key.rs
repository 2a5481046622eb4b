//! Keys that sign checkpoints (Ed25519, RFC 8032), in the notation of C2SP signed-note.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The signature type "Ed25519" of signed-note.
const ED25519: u8 = 1;

/// A private key. It is shown by no `Debug`.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// A text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// Not an Ed25519 private key in PKCS#8 PEM.
    #[error("not an Ed25519 private key in PEM (PKCS#8)")]
    Private,
    /// Not an Ed25519 verifier key.
    #[error("not a public key: expected <name>+<8 hexadecimal digits>+<base64>")]
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

    /// The public key that belongs to it, as the signer of the log that is named so.
    pub fn public(&self, name: &str) -> PublicKey {
        PublicKey {
            name: name.to_owned(),
            bytes: self.0.verifying_key().to_bytes(),
        }
    }

    pub(super) fn sign(&self, text: &str) -> [u8; 64] {
        self.0.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// A public key with the name of the log that it signs for: as text, and in JSON, a verifier key of signed-note,
/// `<name>+<key hash>+<base64>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicKey {
    name: String,
    bytes: [u8; 32],
}

impl PublicKey {
    /// The log's name, which is its checkpoints' origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What names it in a signature line, beside the name.
    pub(super) fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.bytes)
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    pub(super) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        match (
            VerifyingKey::from_bytes(&self.bytes),
            Signature::from_slice(signature),
        ) {
            (Ok(key), Ok(signature)) => key.verify_strict(text.as_bytes(), &signature).is_ok(),
            _ => false,
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64.encode([&[ED25519], &self.bytes[..]].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id()))
    }
}

impl FromStr for PublicKey {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let read = || {
            let mut parts = text.trim().splitn(3, '+');
            let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
            let key = BASE64.decode(key).ok()?;
            let (kind, bytes) = key.split_first()?;
            let key = Self {
                name: name.to_owned(),
                bytes: bytes.try_into().ok()?,
            };
            let is_sound = *kind == ED25519
                && super::note::is_name(name)
                && hex::encode(key.id()) == id
                && VerifyingKey::from_bytes(&key.bytes).is_ok();
            is_sound.then_some(key)
        };
        read().ok_or(KeyTextError::Public)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = KeyTextError;

    fn try_from(text: String) -> Result<Self, KeyTextError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = SigningKey::from_seed([1; 32]);
        let pem = key.to_pem().unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----"));
        let public = key.public("example.com/log");
        assert_eq!(
            SigningKey::from_pem(&pem).unwrap().public(public.name()),
            public
        );
        assert_eq!(public.to_string().parse(), Ok(public.clone()));
        assert!(SigningKey::from_pem("nonsense").is_err());
        for text in [
            "00",
            "a+b+c",
            &public.to_string().replacen("example", "exemple", 1),
        ] {
            assert_eq!(text.parse::<PublicKey>(), Err(KeyTextError::Public));
        }
        assert!(!format!("{key:?}").contains(&pem[40..60]));
    }

    #[test]
    fn another_implementation_writes_public_keys_the_same_way() {
        let key = SigningKey::from_seed([2; 32]);
        let theirs =
            signed_note::new_ed25519_verifier_key("example.com/log", &key.0.verifying_key());
        assert_eq!(key.public("example.com/log").to_string(), theirs);
    }
}
