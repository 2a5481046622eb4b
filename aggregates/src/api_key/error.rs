use crate::{Refusal, RefusalClass};

/// Why a command to an API key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key of this id exists, or existed.
    #[error("the API key exists already")]
    AlreadyExists,
    /// There is no such key, or no longer.
    #[error("the API key does not exist")]
    NotFound,
    /// The session ended before it could be extended.
    #[error("the API key has expired")]
    Expired,
    /// API tokens have a fixed lifetime.
    #[error("an API token cannot be extended")]
    NotExtendable,
    /// The lifetime is zero or negative.
    #[error("lifetime must be positive number greater than 0")]
    LifetimeNotPositive,
    /// An API token without a name, or a login session with one.
    #[error("API tokens have a name and login sessions have none")]
    NameDoesNotFitOrigin,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotFound => RefusalClass::NotFound,
            Self::LifetimeNotPositive => RefusalClass::Invalid { field: "lifetime" },
            Self::Expired | Self::NotExtendable => RefusalClass::Impossible,
            Self::AlreadyExists | Self::NameDoesNotFitOrigin => RefusalClass::Fault,
        }
    }
}
