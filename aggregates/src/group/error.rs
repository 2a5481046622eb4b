use crate::{Refusal, RefusalClass};

/// Why a command to a group is refused. The texts are the contract's (docs/contract/groups.md 4 to 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A group of this id exists already.
    #[error("the group exists already")]
    AlreadyExists,
    /// There is no such group, or no longer.
    #[error("the group does not exist")]
    NotFound,
    /// A new group, or one that is renamed, may not be called `Everyone`.
    #[error("\"Everyone\" is a reserved group name")]
    NameReserved,
    /// The group of everyone keeps its name.
    #[error("Cannot rename the \"Everyone\" group!")]
    EveryoneName,
    /// The group of everyone has no display name.
    #[error("Cannot update the Display Name for the \"Everyone\" group!")]
    EveryoneDisplayName,
    /// Everyone in the organization, and nobody else, is in the group of everyone.
    #[error("Cannot add or remove users from the \"Everyone\" group!")]
    EveryoneMembers,
    /// The group of everyone stays as long as its organization.
    #[error("\"Everyone\" is a reserved group and cannot be deleted!")]
    EveryoneNotDeletable,
    /// A user is added who is a member already, or is added twice at once.
    #[error("Cannot add the same user to a group twice!")]
    AlreadyMember,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotFound => RefusalClass::NotFound,
            Self::NameReserved => RefusalClass::Invalid { field: "name" },
            Self::EveryoneMembers => RefusalClass::Forbidden,
            Self::EveryoneName
            | Self::EveryoneDisplayName
            | Self::EveryoneNotDeletable
            | Self::AlreadyMember => RefusalClass::Impossible,
            Self::AlreadyExists => RefusalClass::Fault,
        }
    }
}
