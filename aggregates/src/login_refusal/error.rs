use crate::{Refusal, RefusalClass};

/// Why a login refusal cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The stream has its one event already.
    #[error("the login refusal is recorded already")]
    AlreadyRecorded,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::AlreadyRecorded => RefusalClass::Fault,
        }
    }
}
