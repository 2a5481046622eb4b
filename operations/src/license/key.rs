use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chancery_aggregates::license::LicenseJwt;
use ed25519_dalek::pkcs8::DecodePublicKey;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;

/// A public key whose licences are taken (Ed25519, RFC 8032), with the `kid` that they name it by.
#[derive(Clone, Debug)]
pub struct LicenseKey {
    id: String,
    key: VerifyingKey,
}

/// A text is no public key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not an Ed25519 public key: expected base64 of 32 bytes, or PEM")]
pub struct NoLicenseKey;

impl LicenseKey {
    /// The key of a text: base64 of its 32 bytes, or PEM.
    pub fn parse(id: &str, text: &str) -> Result<Self, NoLicenseKey> {
        let bytes = STANDARD.decode(text.trim()).unwrap_or_default();
        let key = match VerifyingKey::try_from(&*bytes) {
            Ok(key) => key,
            Err(_) => VerifyingKey::from_public_key_pem(text).map_err(|_| NoLicenseKey)?,
        };
        let id = id.to_owned();
        Ok(Self { id, key })
    }
}

/// The licence of a text that one of `keys` has signed (RFC 7515, EdDSA alone), or what the contract says of any other.
pub(super) fn verified(keys: &[LicenseKey], text: &str) -> Result<LicenseJwt, String> {
    let faulty = || "license has multiple issues; contact support".to_owned();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header = text.split('.').next().and_then(decode).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).map_err(|_| faulty())?;
    if header["alg"] != "EdDSA" || header.get("crit").is_some() {
        return Err(faulty());
    }
    let kid = header["kid"]
        .as_str()
        .ok_or("JOSE header must contain kid")?;
    let known = keys.iter().find(|key| key.id == kid);
    let key = &known.ok_or_else(|| format!("no key with ID {kid}"))?.key;
    let (signed, signature) = text.rsplit_once('.').ok_or_else(faulty)?;
    let signature = decode(signature).and_then(|bytes| Signature::from_slice(&bytes).ok());
    let is_signed = |signature| key.verify_strict(signed.as_bytes(), &signature).is_ok();
    let verified = signature.filter(|signature| is_signed(*signature));
    verified
        .and_then(|_| LicenseJwt::parse(text))
        .ok_or_else(faulty)
}
