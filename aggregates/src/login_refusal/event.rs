use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use crate::Personal;
use crate::user::UserId;

/// Why a login was refused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// No user has the address.
    UnknownUser,
    /// The password is another one.
    WrongPassword,
    /// The user is suspended.
    Suspended,
    /// The user does not sign in with a password, or nobody may.
    PasswordDisabled,
    /// Too many attempts.
    RateLimited,
}

/// What happened: a login was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// A login was refused.
    LoginRefused {
        /// What was typed as the e-mail address; empty where it was hardly one. Earlier programs kept whatever it was, in 254 bytes
        /// at most.
        email: Personal<String>,
        /// The user who has that address, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_id: Option<UserId>,
        /// Why.
        reason: Reason,
    },
}
