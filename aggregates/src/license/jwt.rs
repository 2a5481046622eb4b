use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A licence's text: a JWT (RFC 7519) in compact form. Its claims are kept in it, so that they stay as they were signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LicenseJwt(String);

impl LicenseJwt {
    /// A text with three parts and claims in it; `None` for any other. The signature is not looked at.
    pub fn parse(text: &str) -> Option<Self> {
        let jwt = Self(text.to_owned());
        let is_compact = text.split('.').count() == 3 && text.is_ascii();
        (is_compact && jwt.claims().is_object()).then_some(jwt)
    }

    /// The claims: an object.
    pub fn claims(&self) -> Value {
        let payload = self.0.split('.').nth(1).unwrap_or_default();
        let json = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
        serde_json::from_slice(&json).unwrap_or_default()
    }

    /// The claim `exp`: from then on it does not count.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        time(&self.claims()["exp"])
    }
}

impl std::fmt::Debug for LicenseJwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LicenseJwt(..)")
    }
}

/// A time of a JWT: seconds since 1970 (RFC 7519 section 2), parts of a second dropped.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number out of range is no time"
)]
pub(super) fn time(claim: &Value) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(claim.as_f64()?.floor() as i64, 0)
}
