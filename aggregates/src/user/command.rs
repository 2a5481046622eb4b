use super::Status;
use crate::email::Email;
use crate::login_type::LoginType;
use crate::name::{Name, RealName};
use crate::password_hash::PasswordHash;

/// What can be asked of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates the user.
    CreateUser {
        /// The unique user name.
        username: Name,
        /// The unique e-mail address.
        email: Email,
        /// The person's name; may be empty.
        name: RealName,
        /// How the user signs in.
        login_type: LoginType,
        /// Whether the user may sign in.
        status: Status,
        /// Site roles, besides the implicit `member`.
        roles: Vec<String>,
        /// The password's hash: needed for login type `password`, refused for any other.
        hashed_password: Option<PasswordHash>,
    },
    /// Makes the user active; an active user stays as it is. Whether a suspended user may be activated by what is being
    /// done (an administrator may, a login may not) is decided before.
    ActivateUser,
    /// Replaces the password. The old one was checked before, where that is asked for.
    ChangePassword {
        /// The new password's hash.
        hashed_password: PasswordHash,
    },
}
