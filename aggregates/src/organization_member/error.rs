use crate::{Refusal, RefusalClass};

/// Why a command to a membership is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The user is a member already (docs/contract/core.md 5: 400).
    #[error("Organization member already exists in this organization")]
    AlreadyMember,
    /// The user is not a member (docs/contract/core.md 5: 404).
    #[error("the user is not a member of the organization")]
    NotMember,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotMember => RefusalClass::NotFound,
            Self::AlreadyMember => RefusalClass::Impossible,
        }
    }
}
