use crate::{Refusal, RefusalClass};

/// Why a command to a grant is refused without a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no grant of this id: the presented code or token is made up.
    #[error("the grant does not exist")]
    NotFound,
    /// A grant of this id exists already: try again with another.
    #[error("the grant exists already")]
    AlreadyIssued,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotFound => RefusalClass::NotFound,
            Self::AlreadyIssued => RefusalClass::Fault,
        }
    }
}
