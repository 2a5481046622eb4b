use crate::{Refusal, RefusalClass};

/// Why a command to a user is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A user of this id exists, or existed.
    #[error("the user exists already")]
    AlreadyExists,
    /// There is no such user, or no longer.
    #[error("the user does not exist")]
    NotFound,
    /// Login type `password` without a password.
    #[error("a user who signs in with a password needs one")]
    PasswordMissing,
    /// A password for another login type (docs/contract/core.md 4: 400).
    #[error("a user of this login type has no password")]
    PasswordNotAllowed,
    /// A suspended user signs in (docs/contract/core.md 3.2: 401).
    #[error("the user is suspended")]
    Suspended,
    /// An owner is to be suspended (docs/contract/core.md 4: 400).
    #[error("You cannot suspend a user with the \"owner\" role. You must remove the role first.")]
    OwnerNotSuspendable,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotFound => RefusalClass::NotFound,
            Self::Suspended | Self::OwnerNotSuspendable | Self::PasswordNotAllowed => {
                RefusalClass::Impossible
            }
            Self::AlreadyExists | Self::PasswordMissing => RefusalClass::Fault,
        }
    }
}
