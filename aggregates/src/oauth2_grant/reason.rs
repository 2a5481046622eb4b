//! Why requests are refused and grants revoked.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Why the exchange of a code was refused.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExchangeRefusal {
    /// The prefix is this grant's, the secret part is not.
    WrongCode,
    /// The code's time is over.
    Expired,
    /// The code was exchanged before; this ends the grant.
    CodeReused,
    /// The code was issued to another app.
    WrongClient,
    /// The code verifier does not meet the challenge, or there is no challenge.
    WrongVerifier,
    /// There is a challenge, and no code verifier.
    MissingVerifier,
    /// The redirect URI is another one than at authorization.
    RedirectUriMismatch,
    /// The resource is another one than at authorization, or is on one side only.
    InvalidTarget,
    /// A later authorization took this one's place.
    Superseded,
    /// The grant was revoked.
    Revoked,
    /// The user may not sign in.
    UserInactive,
}

/// Why a refresh was refused.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RefreshRefusal {
    /// The prefix is this grant's, the secret part is not, or is too many rotations old.
    WrongToken,
    /// The refresh token's time is over.
    Expired,
    /// The refresh token was rotated before; beyond the grace period this ends the grant.
    RefreshTokenReused,
    /// The grant is another app's.
    WrongClient,
    /// The resource is not the audience.
    InvalidTarget,
    /// A later grant took this one's place.
    Superseded,
    /// The grant was revoked.
    Revoked,
    /// The user may not sign in.
    UserInactive,
}

/// Why a grant ended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RevocationReason {
    /// The user asked for it (docs/contract/oauth2.md 7.6).
    UserRequest,
    /// The client revoked a token (RFC 7009).
    TokenRevoked,
    /// The code was presented again: someone else may have it (RFC 6749 4.1.2).
    CodeReused,
    /// A rotated refresh token was presented again: someone else may have it (RFC 9700 4.14.2).
    RefreshTokenReused,
    /// Too many refusals: someone may be guessing.
    TooManyRefusals,
    /// The user's password changed (docs/contract/core.md 4).
    PasswordChanged,
    /// The user was suspended.
    UserSuspended,
    /// The user was deleted.
    UserDeleted,
}

/// Which token request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRequest {
    /// With a code.
    Exchange,
    /// With a refresh token.
    Refresh,
}

/// A refusal that is decided outside of the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The grant no longer holds its unique key: a later one seized it.
    Superseded,
    /// The user may not sign in.
    UserInactive,
}

chancery_noun::named!(ExchangeRefusal, RefreshRefusal, RevocationReason);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_serialised_name() {
        for reason in ExchangeRefusal::VARIANTS {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for reason in RefreshRefusal::VARIANTS {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for reason in RevocationReason::VARIANTS {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
