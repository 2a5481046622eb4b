use serde::{Deserialize, Serialize};

use crate::Personal;
use crate::login_type::LoginType;
use crate::password_hash::PasswordHash;

/// Whether a user may sign in (core.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// May sign in.
    Active,
    /// Has not signed in for long, or not yet; becomes active by signing in.
    Dormant,
    /// May not sign in; every session is refused.
    Suspended,
}

impl Status {
    /// The name on the wire and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Suspended => "suspended",
        }
    }
}

/// What happened to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The user was created.
    UserCreated {
        /// The unique user name.
        username: Personal<String>,
        /// The unique e-mail address.
        email: Personal<String>,
        /// The person's name; may be empty.
        name: Personal<String>,
        /// How the user signs in.
        login_type: LoginType,
        /// Whether the user may sign in.
        status: Status,
        /// Site roles, besides the implicit `member`.
        roles: Vec<String>,
        /// The password's hash, for login type `password`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hashed_password: Option<PasswordHash>,
    },
    /// The user became active.
    UserActivated {},
    /// The password was replaced.
    PasswordChanged {
        /// The new password's hash.
        hashed_password: PasswordHash,
    },
}

domain_event!(Event {
    UserCreated => "user_created" @ "1.0",
    UserActivated => "user_activated" @ "1.0",
    PasswordChanged => "password_changed" @ "1.0",
});
