use super::Reason;
use crate::Personal;
use crate::user::UserId;

/// What can be asked of a login refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Records the refusal of a login.
    RefuseLogin {
        /// What was typed as the e-mail address, whatever it is.
        email: Personal<String>,
        /// The user who has that address, if any.
        user_id: Option<UserId>,
        /// Why the login was refused.
        reason: Reason,
    },
}
