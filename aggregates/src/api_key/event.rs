use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::login_type::LoginType;
use crate::oauth2::secret_text::HashedSecret;

/// How an API key came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// By signing in: a session, which use prolongs.
    Login,
    /// By request: an API token of a fixed lifetime.
    Token,
}

impl Origin {
    /// The name in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Token => "token",
        }
    }
}

/// What an API key may do (docs/contract/core.md 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything its user may do.
    All,
    /// Connect to workspace applications.
    ApplicationConnect,
}

impl Scope {
    /// The name on the wire and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::ApplicationConnect => "application_connect",
        }
    }
}

/// Why an API key was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionReason {
    /// The user signed out.
    Logout,
    /// By request.
    Deleted,
    /// The user's password changed.
    PasswordChanged,
    /// The user was suspended.
    UserSuspended,
    /// The user was deleted.
    UserDeleted,
    /// It had expired long before.
    Expired,
}

/// What happened to an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The key was created.
    ApiKeyCreated {
        /// Whose key it is.
        user_id: Uuid,
        /// The user's credential generation.
        credential_generation: u32,
        /// How it came to be.
        origin: Origin,
        /// How the user signed in.
        login_type: LoginType,
        /// What the key may do.
        scope: Scope,
        /// The name of an API token; empty for a login session.
        token_name: String,
        /// The hash of the key's secret part.
        hashed_secret: HashedSecret,
        /// The lifetime in seconds that the key was made with.
        lifetime_seconds: i64,
        /// From this time on the key is refused.
        expires_at: DateTime<Utc>,
    },
    /// The end of a login session was pushed forward.
    ApiKeyExtended {
        /// The new end.
        expires_at: DateTime<Utc>,
    },
    /// The key was deleted for good.
    ApiKeyDeleted {
        /// Whose key it was.
        user_id: Uuid,
        /// The name of an API token; empty for a login session.
        token_name: String,
        /// Why.
        reason: DeletionReason,
    },
}
