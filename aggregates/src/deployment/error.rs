use crate::{Refusal, RefusalClass};

/// Why a command to the deployment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The deployment has its identity already.
    #[error("the deployment is initialized already")]
    AlreadyInitialized,
    /// The deployment has no identity yet.
    #[error("the deployment is not initialized")]
    NotInitialized,
    /// There is a first user already (docs/contract/core.md 3.3: 409).
    #[error("The initial user has already been created.")]
    FirstUserExists,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::FirstUserExists => RefusalClass::Taken,
            Self::AlreadyInitialized | Self::NotInitialized => RefusalClass::Fault,
        }
    }
}
