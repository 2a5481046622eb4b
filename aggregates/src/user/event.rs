use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::Personal;
use crate::login_type::LoginType;
use crate::password_hash::PasswordHash;

/// Whether a user may sign in (docs/contract/core.md 4).
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
pub enum Status {
    /// May sign in.
    Active,
    /// Has not signed in for long, or not yet; becomes active by signing in.
    Dormant,
    /// May not sign in; every session is refused.
    Suspended,
}

chancery_noun::named!(Status);

/// What happened to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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
    /// The user was suspended.
    UserSuspended {
        /// Whether every key and token issued before is refused for good. Until version 2.0 they were good again afterwards.
        ends_credentials: bool,
    },
    /// The suspension ended; the user is dormant.
    UserReinstated {},
    /// The password was replaced. Every key and token issued before is refused.
    PasswordChanged {
        /// The new password's hash.
        hashed_password: PasswordHash,
    },
    /// The user name or the person's name was replaced.
    UserProfileUpdated {
        /// The user name from now on.
        username: Personal<String>,
        /// The user name until now, equal when only the person's name changed.
        previous_username: Personal<String>,
        /// The person's name; may be empty.
        name: Personal<String>,
    },
    /// The site roles were replaced.
    UserRolesChanged {
        /// Site roles, besides the implicit `member`, sorted.
        roles: Vec<String>,
    },
    /// The user got a quiet hours schedule of its own.
    QuietHoursScheduleSet {
        /// Cron text with its time zone, such as `CRON_TZ=UTC 0 0 * * *`.
        schedule: String,
    },
    /// The user was deleted for good; its names are free again.
    UserDeleted {
        /// The user name it had.
        username: Personal<String>,
        /// The e-mail address it had.
        email: Personal<String>,
    },
}
