use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chancery_aggregates::license::{FAULTY, LicenseJwt};
use ed25519_dalek::pkcs8::DecodePublicKey;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;

/// A public key whose licences are taken (Ed25519, RFC 8032), with the `kid` that they name it by.
#[derive(Clone, Debug)]
pub struct LicenseKey {
    id: String,
    key: VerifyingKey,
}

impl LicenseKey {
    /// The key of a text: base64 of its 32 bytes, or PEM.
    pub fn parse(id: &str, text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).unwrap_or_default();
        let key = VerifyingKey::try_from(&*bytes);
        let key = key
            .or_else(|_| VerifyingKey::from_public_key_pem(text))
            .ok()?;
        let id = id.to_owned();
        Some(Self { id, key })
    }
}

/// The licence of a text that one of `keys` has signed (RFC 7515, Ed25519 alone), or what the contract says of any other.
pub(super) fn verified(keys: &[LicenseKey], text: &str) -> Result<LicenseJwt, String> {
    let (signed, signature) = text.rsplit_once('.').ok_or(FAULTY)?;
    let header = signed.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| FAULTY)?;
    let header: Value = serde_json::from_slice(&header).map_err(|_| FAULTY)?;
    if header["alg"] != "EdDSA" || header.get("crit").is_some() {
        return Err(FAULTY.into());
    }
    let kid = header["kid"].as_str();
    let kid = kid.ok_or("JOSE header must contain kid")?;
    let known = keys.iter().find(|key| key.id == kid);
    let key = known.ok_or_else(|| format!("no key with ID {kid}"))?.key;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| FAULTY)?;
    let signature = Signature::from_slice(&signature).map_err(|_| FAULTY)?;
    let verified = key.verify_strict(signed.as_bytes(), &signature);
    verified.map_err(|_| FAULTY)?;
    LicenseJwt::parse(text).ok_or_else(|| FAULTY.to_owned())
}
