use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{DeletionReason, Origin, Scope};
use crate::login_type::LoginType;
use crate::name::TokenName;
use crate::oauth2::secret_text::HashedSecret;

/// What can be asked of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates the key.
    CreateApiKey(CreateApiKey),
    /// Pushes the end of a login session forward (docs/contract/core.md 3.2); an end that is not later changes nothing.
    ExtendApiKey {
        /// The new end.
        expires_at: DateTime<Utc>,
        /// The time of the request.
        now: DateTime<Utc>,
    },
    /// Deletes the key for good.
    DeleteApiKey {
        /// Why.
        reason: DeletionReason,
    },
    /// Deletes a key that expired before a time; one that did not stays as it is.
    ClearApiKey {
        /// The time.
        expired_before: DateTime<Utc>,
    },
}

/// The contents of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateApiKey {
    /// Whose key it is.
    pub user_id: Uuid,
    /// The user's [`credential_generation`](crate::user::User::credential_generation).
    pub credential_generation: u32,
    /// How it comes to be.
    pub origin: Origin,
    /// How the user signed in.
    pub login_type: LoginType,
    /// What the key may do.
    pub scope: Scope,
    /// The token's name: given for a token, absent for a login session.
    pub token_name: Option<TokenName>,
    /// The hash of the key's secret part.
    pub hashed_secret: HashedSecret,
    /// The lifetime in seconds that `expires_at` was computed from.
    pub lifetime_seconds: i64,
    /// From this time on the key is refused.
    pub expires_at: DateTime<Utc>,
}
