//! Licences, signed by a key that every server of the tests is told of.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use uuid::Uuid;

/// How licences name the key.
const KID: &str = "tests";
/// 2025 and 2100, in seconds.
const BEGIN: u64 = 1_735_689_600;
const END: u64 = 4_102_444_800;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The key as the server is told of it.
pub fn license_keys() -> String {
    format!("{KID}={}", STANDARD.encode(key().verifying_key()))
}

/// What a licence says that is good now. Each has a `jti` of its own.
pub fn claims() -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let jti = Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into());
    json!({
        "version": 3, "iat": BEGIN, "nbf": BEGIN, "exp": END, "license_expires": BEGIN,
        "account_type": "salesforce", "account_id": "7", "jti": jti,
        "features": { "user_limit": 5.5, "audit_log": 1 },
    })
}

/// The text of a licence that says `claims`.
pub fn license(claims: &Value) -> String {
    license_with(&json!({ "alg": "EdDSA", "kid": KID, "typ": "JWT" }), claims)
}

/// Like [`license`], under another header.
pub fn license_with(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = key().sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}
