//! What failures come from: the domain, the ledger, the read models, the policy.

use chancery_aggregates::{Refusal, RefusalClass};
use chancery_ledger::{AppendError, ExecuteError, FoldError, LoadError, ReadError};
use chancery_projections::registry::ViewError;
use chancery_projections::{ApplyError, Behind};

use super::{Failure, Refused};
use crate::authenticate::Unauthenticated;
use crate::password::PasswordError;
use crate::policy;
use crate::rate::TooSoon;

impl Failure {
    /// The domain's own refusal, by its class.
    pub(crate) fn of_refusal(refusal: &impl Refusal) -> Self {
        let text = refusal.to_string();
        match refusal.class() {
            RefusalClass::NotFound => Self::NotFound,
            RefusalClass::Fault => Self::Internal(text),
            RefusalClass::Invalid { field } => Refused::invalid(field, text).into(),
            class @ (RefusalClass::Taken | RefusalClass::Forbidden | RefusalClass::Impossible) => {
                Refused::new(class, text).into()
            }
        }
    }

    /// A failed command: the domain's own refusal apart, for those who know better than its class.
    pub(crate) fn of_command<E: std::error::Error>(error: ExecuteError<E>) -> Result<E, Self> {
        Err(match error {
            ExecuteError::Refused(refusal) => return Ok(refusal),
            ExecuteError::Conflict => Self::Conflict,
            ExecuteError::KeyTaken { key } => Self::KeyTaken(key),
            ExecuteError::KeyNotHeld { key } => Self::KeyNotHeld(key),
            ExecuteError::Unavailable(_)
            | ExecuteError::Overloaded
            | ExecuteError::OutcomeUnknown => Self::Unavailable(error.to_string()),
            ExecuteError::Unrecordable(_) | ExecuteError::Corrupt(_) => Self::internal(&error),
        })
    }
}

impl<E: Refusal> From<ExecuteError<E>> for Failure {
    fn from(error: ExecuteError<E>) -> Self {
        match Self::of_command(error) {
            Ok(refusal) => Self::of_refusal(&refusal),
            Err(failure) => failure,
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict => Self::Conflict,
            AppendError::KeyTaken { key } => Self::KeyTaken(key),
            AppendError::KeyNotHeld { key } => Self::KeyNotHeld(key),
            AppendError::Unavailable(_) | AppendError::Overloaded | AppendError::OutcomeUnknown => {
                Self::Unavailable(error.to_string())
            }
            AppendError::Unrecordable(_) => Self::internal(&error),
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Unavailable(_) => Self::Unavailable(error.to_string()),
            LoadError::Corrupt { .. } | LoadError::Unregistered(_) => Self::internal(&error),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => error.into(),
            ReadError::Malformed { .. } => Self::internal(&error),
        }
    }
}

impl From<FoldError> for Failure {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => error.into(),
            FoldError::Undecodable(error) => Self::internal(&error),
        }
    }
}

impl From<ViewError> for Failure {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Database(error) => error.into(),
            ViewError::Fold(error) => error.into(),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            Self::Unavailable(error.to_string())
        } else {
            Self::internal(&error)
        }
    }
}

/// Whether a database error says that PostgreSQL is away, starting, stopping or full, rather than that a statement is wrong.
fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Classes 08 (connection), 53 (resources), 57 (operator intervention).
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| matches!(code.get(..2), Some("08" | "53" | "57"))),
        _ => false,
    }
}

impl From<chancery_projections::LookupError> for Failure {
    fn from(error: chancery_projections::LookupError) -> Self {
        match &error {
            chancery_projections::LookupError::Database(cause) if !is_outage(cause) => {
                Self::internal(&error)
            }
            chancery_projections::LookupError::Database(_)
            | chancery_projections::LookupError::Ended => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Database(error) => error.into(),
            ApplyError::Event { .. } => Self::internal(&error),
        }
    }
}

impl From<Behind> for Failure {
    fn from(behind: Behind) -> Self {
        Self::Behind(behind)
    }
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        Self::internal(&error)
    }
}

impl From<TooSoon> for Failure {
    fn from(TooSoon(wait): TooSoon) -> Self {
        Self::TooManyAttempts(wait)
    }
}

impl From<Unauthenticated> for Failure {
    fn from(reason: Unauthenticated) -> Self {
        Self::Unauthenticated(reason)
    }
}

impl From<policy::Denied> for Failure {
    fn from(denied: policy::Denied) -> Self {
        match denied {
            policy::Denied::NotReadable => Self::NotFound,
            policy::Denied::NotAllowed => Self::NOT_ALLOWED,
        }
    }
}
