use crate::{Refusal, RefusalClass};

/// Why a command to an organization is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An organization of this id exists already.
    #[error("the organization exists already")]
    AlreadyExists,
    /// There is no such organization, or no longer.
    #[error("the organization does not exist")]
    NotFound,
    /// The name is a reserved word (docs/contract/core.md 5: 400).
    #[error("Organization name \"{name}\" is reserved.")]
    NameReserved {
        /// The name.
        name: String,
    },
    /// The organization made with the deployment stays (docs/contract/core.md 5: 400).
    #[error("Default organization cannot be deleted.")]
    DefaultNotDeletable,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotFound => RefusalClass::NotFound,
            Self::NameReserved { .. } => RefusalClass::Invalid { field: "name" },
            Self::DefaultNotDeletable => RefusalClass::Impossible,
            Self::AlreadyExists => RefusalClass::Fault,
        }
    }
}
