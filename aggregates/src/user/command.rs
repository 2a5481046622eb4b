use super::Status;
use crate::email::Email;
use crate::login_type::LoginType;
use crate::name::{Name, RealName};
use crate::password_hash::PasswordHash;
use crate::quiet_hours::QuietHoursSchedule;

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
    /// Makes the user active, on behalf of one who may also lift a suspension; an active user stays as it is.
    ActivateUser,
    /// Ends a suspension: the user is dormant until it signs in. Another user stays as it is.
    ReinstateUser,
    /// Makes a dormant user active, because it signed in; an active user stays as it is, a suspended one is refused.
    WakeUser,
    /// Changes nothing, and is refused when there is no such user: for what is recorded together with it and may not outlive the
    /// user.
    RequireUser,
    /// Suspends the user, and ends all that was handed out to it; a suspended user stays as it is. An owner is refused.
    SuspendUser,
    /// Replaces the password. The old one was checked before, where that is asked for.
    ChangePassword {
        /// The new password's hash.
        hashed_password: PasswordHash,
    },
    /// Replaces the user name and the person's name; equal ones change nothing.
    UpdateProfile {
        /// The unique user name.
        username: Name,
        /// The person's name; may be empty.
        name: RealName,
    },
    /// Replaces the site roles; equal ones change nothing. Whether the roles exist, and who may give and take them, was decided
    /// before.
    ChangeRoles {
        /// Site roles, besides the implicit `member`, in any order.
        roles: Vec<String>,
    },
    /// Gives the user a quiet hours schedule of its own; an equal one changes nothing.
    SetQuietHoursSchedule {
        /// The schedule.
        schedule: QuietHoursSchedule,
    },
    /// Deletes the user for good. Its user name and e-mail address can be taken by another.
    DeleteUser,
}
