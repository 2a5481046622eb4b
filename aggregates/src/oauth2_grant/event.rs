use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::{ExchangeRefusal, Exclusive, RefreshRefusal, RevocationReason};
use crate::oauth2::secret_text::HashedSecret;
use crate::oauth2_app::{AppSecretId, OAuth2AppId};
use crate::user::UserId;

/// What happened to a grant. `app_id` and `user_id` are on every event, so that each can be read by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The user allowed the request and a code was issued.
    CodeIssued {
        /// The client.
        app_id: OAuth2AppId,
        /// The user.
        user_id: UserId,
        /// The user's credential generation.
        credential_generation: u32,
        /// The hash of the code's secret part.
        hashed_code: HashedSecret,
        /// The request's `redirect_uri`, if it carried one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        redirect_uri: Option<String>,
        /// The request's `resource`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_uri: Option<String>,
        /// The request's code challenge.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_challenge: Option<String>,
        /// `S256` where there is a challenge.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_challenge_method: Option<String>,
        /// The granted scope; may be empty.
        scope: String,
        /// The hash of the request's `state`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state_hash: Option<HashedSecret>,
        /// Which other grants of the user this one takes the place of.
        exclusive: Exclusive,
        /// From this time on the code is refused.
        code_expires_at: DateTime<Utc>,
        /// The time of the request.
        issued_at: DateTime<Utc>,
    },
    /// The code was exchanged for tokens.
    CodeExchanged {
        /// The client.
        app_id: OAuth2AppId,
        /// The user.
        user_id: UserId,
        /// The client secret the client authenticated with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        app_secret_id: Option<AppSecretId>,
        /// The hash of the access token's secret part.
        hashed_secret: HashedSecret,
        /// The hash of the refresh token's secret part.
        hashed_refresh_token: HashedSecret,
        /// The resource that the tokens are bound to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<String>,
        /// The granted scope; may be empty.
        scope: String,
        /// From this time on the access token is refused.
        access_token_expires_at: DateTime<Utc>,
        /// From this time on the refresh token is refused.
        refresh_token_expires_at: DateTime<Utc>,
        /// Which other grants of the user this one takes the place of.
        exclusive: Exclusive,
        /// The time of the request.
        exchanged_at: DateTime<Utc>,
    },
    /// An exchange was refused; the code was not consumed by it.
    ExchangeRefused {
        /// The client that the grant was made for.
        app_id: OAuth2AppId,
        /// The user.
        user_id: UserId,
        /// Why.
        reason: ExchangeRefusal,
    },
    /// The refresh token was exchanged for new tokens.
    TokenRefreshed {
        /// The client.
        app_id: OAuth2AppId,
        /// The user.
        user_id: UserId,
        /// The hash of the new access token's secret part.
        hashed_secret: HashedSecret,
        /// The hash of the new refresh token's secret part.
        hashed_refresh_token: HashedSecret,
        /// The resource that the tokens are bound to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<String>,
        /// The granted scope; may be empty.
        scope: String,
        /// From this time on the new access token is refused.
        access_token_expires_at: DateTime<Utc>,
        /// From this time on the new refresh token is refused.
        refresh_token_expires_at: DateTime<Utc>,
        /// Which other grants of the user this one takes the place of.
        exclusive: Exclusive,
        /// The time of the request.
        refreshed_at: DateTime<Utc>,
    },
    /// A refresh was refused; the refresh token was not consumed by it.
    RefreshRefused {
        /// The client that the grant was made for.
        app_id: OAuth2AppId,
        /// The user.
        user_id: UserId,
        /// Why.
        reason: RefreshRefusal,
    },
    /// The grant ended, and with it its code and tokens.
    GrantRevoked {
        /// The client.
        app_id: OAuth2AppId,
        /// The user.
        user_id: UserId,
        /// The resource that it was for. Not recorded before version 2.0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_uri: Option<String>,
        /// Whether it was tokens that ended, and not a code.
        had_tokens: bool,
        /// Why.
        reason: RevocationReason,
    },
}
