use chrono::{DateTime, Utc};

use super::{Refusal, RevocationReason, TokenRequest};
use crate::oauth2::pkce::{CodeChallenge, CodeVerifier};
use crate::oauth2::redirect_uri::RedirectUri;
use crate::oauth2::resource::Resource;
use crate::oauth2::scope::Scope;
use crate::oauth2::secret_text::HashedSecret;
use crate::oauth2_app::{AppSecretId, OAuth2AppId};
use crate::user::UserId;

/// What can be asked of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Issues the authorization code: the first command of every grant.
    IssueCode(IssueCode),
    /// Exchanges the code for tokens. A refusal is an event too: see [`super::ExchangeOutcome`].
    Exchange(Exchange),
    /// Exchanges a refresh token for new tokens. A refusal is an event too: see [`super::RefreshOutcome`].
    Refresh(Refresh),
    /// Records a refusal that was decided elsewhere, after a presented code or token.
    Refuse {
        /// What was asked for.
        request: TokenRequest,
        /// Why it was refused.
        reason: Refusal,
    },
    /// Ends the grant and its tokens; a revoked grant stays as it is.
    Revoke {
        /// Why.
        reason: RevocationReason,
    },
}

/// An allowed authorization request (docs/contract/oauth2.md 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueCode {
    /// The client.
    pub app_id: OAuth2AppId,
    /// The user who allowed it.
    pub user_id: UserId,
    /// The user's [`credential_generation`](crate::user::User::credential_generation).
    pub credential_generation: u32,
    /// The hash of the code's secret part.
    pub hashed_code: HashedSecret,
    /// The request's `redirect_uri`, if it carried one; it was found to be a registered one.
    pub redirect_uri: Option<RedirectUri>,
    /// The request's `resource`.
    pub resource_uri: Option<Resource>,
    /// The request's code challenge. Whether the app requires one was decided before.
    pub code_challenge: Option<CodeChallenge>,
    /// The granted scope.
    pub scope: Scope,
    /// The hash of the request's `state`.
    pub state_hash: Option<HashedSecret>,
    /// Whether the app allows a user one grant alone: of each resource, or of all requests without one.
    pub exclusive: bool,
    /// From this time on the code is refused: 10 minutes after `issued_at`.
    pub code_expires_at: DateTime<Utc>,
    /// The time of the request.
    pub issued_at: DateTime<Utc>,
}

/// A token request with a code (docs/contract/oauth2.md 7.2) from an authenticated client, and the tokens it gets if it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The hash of the presented code's secret part.
    pub presented_code: HashedSecret,
    /// The client that asks.
    pub app_id: OAuth2AppId,
    /// The client secret it authenticated with; absent for a public client.
    pub app_secret_id: Option<AppSecretId>,
    /// The request's `redirect_uri`. Where the authorization request carried none, the caller has to check it against
    /// the app's registered ones.
    pub redirect_uri: Option<String>,
    /// The request's `code_verifier`, checked and dropped.
    pub code_verifier: Option<CodeVerifier>,
    /// The request's `resource`.
    pub resource: Option<String>,
    /// The hash of the access token's secret part.
    pub hashed_secret: HashedSecret,
    /// The hash of the refresh token's secret part.
    pub hashed_refresh_token: HashedSecret,
    /// From this time on the access token is refused.
    pub access_token_expires_at: DateTime<Utc>,
    /// From this time on the refresh token is refused.
    pub refresh_token_expires_at: DateTime<Utc>,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// A token request with a refresh token (docs/contract/oauth2.md 7.3) from an authenticated client, and the tokens it gets if it is
/// accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The hash of the presented refresh token's secret part.
    pub presented_refresh_token: HashedSecret,
    /// The client that asks.
    pub app_id: OAuth2AppId,
    /// The request's `resource`.
    pub resource: Option<String>,
    /// The hash of the new access token's secret part.
    pub hashed_secret: HashedSecret,
    /// The hash of the new refresh token's secret part.
    pub hashed_refresh_token: HashedSecret,
    /// From this time on the new access token is refused.
    pub access_token_expires_at: DateTime<Utc>,
    /// From this time on the new refresh token is refused.
    pub refresh_token_expires_at: DateTime<Utc>,
    /// The time of the request.
    pub now: DateTime<Utc>,
}
