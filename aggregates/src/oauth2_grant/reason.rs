//! Why requests are refused and grants revoked.

use serde::{Deserialize, Serialize};

/// Why the exchange of a code was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// A later authorization of the same user and app replaced this one.
    Superseded,
    /// The grant was revoked.
    Revoked,
    /// The user may not sign in.
    UserInactive,
}

/// Why a refresh was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// A later grant of the same user and app replaced this one.
    Superseded,
    /// The grant was revoked.
    Revoked,
    /// The user may not sign in.
    UserInactive,
}

/// Why a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

macro_rules! names {
    ($reason:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $reason {
            /// The name in events.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

names!(ExchangeRefusal {
    WrongCode => "wrong_code",
    Expired => "expired",
    CodeReused => "code_reused",
    WrongClient => "wrong_client",
    WrongVerifier => "wrong_verifier",
    MissingVerifier => "missing_verifier",
    RedirectUriMismatch => "redirect_uri_mismatch",
    InvalidTarget => "invalid_target",
    Superseded => "superseded",
    Revoked => "revoked",
    UserInactive => "user_inactive",
});

names!(RefreshRefusal {
    WrongToken => "wrong_token",
    Expired => "expired",
    RefreshTokenReused => "refresh_token_reused",
    WrongClient => "wrong_client",
    InvalidTarget => "invalid_target",
    Superseded => "superseded",
    Revoked => "revoked",
    UserInactive => "user_inactive",
});

names!(RevocationReason {
    UserRequest => "user_request",
    TokenRevoked => "token_revoked",
    CodeReused => "code_reused",
    RefreshTokenReused => "refresh_token_reused",
    TooManyRefusals => "too_many_refusals",
    PasswordChanged => "password_changed",
    UserSuspended => "user_suspended",
    UserDeleted => "user_deleted",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_serialised_name() {
        for reason in ExchangeRefusal::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for reason in RefreshRefusal::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for reason in RevocationReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
