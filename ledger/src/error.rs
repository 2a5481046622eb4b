use crate::{DecodeError, LookError, Position};

/// Why an append was not made, or is not known to be made.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A stream it was decided on has changed since.
    #[error("a stream was changed concurrently")]
    Conflict,
    /// Another stream holds a key it takes.
    #[error("the key {key} is taken")]
    KeyTaken {
        /// The key.
        key: String,
    },
    /// The stream does not hold a key it requires.
    #[error("the key {key} is not held")]
    KeyNotHeld {
        /// The key.
        key: String,
    },
    /// Too many appends are waiting. It was not made; it may be tried again later.
    #[error("too many appends are waiting")]
    Overloaded,
    /// The database cannot be used now. It was not made.
    #[error("the ledger is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost while it was being made, and the database stayed unreachable: it may have been made.
    #[error("the outcome of the append is unknown")]
    OutcomeUnknown,
    /// An event cannot be recorded as it is. It was not made.
    #[error(transparent)]
    Unrecordable(#[from] Unrecordable),
}

/// Why an event cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum Unrecordable {
    /// Text holds U+0000, which PostgreSQL cannot store.
    #[error("text holds a NUL character")]
    Nul,
    /// A number is a fraction or lies outside of ±(2^53 - 1), so JSON readers would not agree on it.
    #[error("the number {0} is not an integer that every JSON reader keeps exactly")]
    Number(String),
    /// The event's JSON cannot be written.
    #[error("the event cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The database refused its values.
    #[error("the database refused the event ({code}): {message}")]
    Refused {
        /// SQLSTATE.
        code: String,
        /// PostgreSQL's message.
        message: String,
    },
}

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database cannot be used now.
    #[error("the ledger cannot be read")]
    Database(#[from] sqlx::Error),
    /// A stored row cannot be understood.
    #[error("the event at position {position} is malformed: {reason}")]
    Malformed {
        /// Where it is.
        position: Position,
        /// What is wrong.
        reason: String,
    },
}

/// Why an aggregate could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database cannot be used now.
    #[error("the stream cannot be read: {0}")]
    Unavailable(String),
    /// Stored events do not have the shape the aggregate knows.
    #[error("the stream {aggregate_type} {aggregate_id} cannot be replayed: {reason}")]
    Corrupt {
        /// Kind of the stream.
        aggregate_type: &'static str,
        /// Name of the stream.
        aggregate_id: String,
        /// What is wrong.
        reason: String,
    },
    /// The aggregate's type was not registered with the ledger.
    #[error("streams of type {0} are not registered with this ledger")]
    Unregistered(&'static str),
}

/// Why a command was not carried out, or is not known to be.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<E: std::error::Error> {
    /// The aggregate refused it.
    #[error("{0}")]
    Refused(E),
    /// It lost to concurrent commands on the same stream, again and again.
    #[error("a stream was changed concurrently")]
    Conflict,
    /// Another stream holds a key it takes.
    #[error("the key {key} is taken")]
    KeyTaken {
        /// The key.
        key: String,
    },
    /// The stream does not hold a key it requires.
    #[error("the key {key} is not held")]
    KeyNotHeld {
        /// The key.
        key: String,
    },
    /// The database cannot be used now. Nothing was recorded.
    #[error("the ledger is unavailable: {0}")]
    Unavailable(String),
    /// Too many appends are waiting. Nothing was recorded.
    #[error("too many appends are waiting")]
    Overloaded,
    /// The connection was lost while appending, and the database stayed unreachable: it may have been recorded.
    #[error("the outcome of the append is unknown")]
    OutcomeUnknown,
    /// An event cannot be recorded as it is. Nothing was recorded.
    #[error(transparent)]
    Unrecordable(Unrecordable),
    /// The stream cannot be replayed.
    #[error(transparent)]
    Corrupt(LoadError),
}

impl<E: std::error::Error> From<AppendError> for ExecuteError<E> {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict => Self::Conflict,
            AppendError::KeyTaken { key } => Self::KeyTaken { key },
            AppendError::KeyNotHeld { key } => Self::KeyNotHeld { key },
            AppendError::Overloaded => Self::Overloaded,
            AppendError::Unavailable(reason) => Self::Unavailable(reason),
            AppendError::OutcomeUnknown => Self::OutcomeUnknown,
            AppendError::Unrecordable(error) => Self::Unrecordable(error),
        }
    }
}

impl<E: std::error::Error> From<LoadError> for ExecuteError<E> {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Unavailable(reason) => Self::Unavailable(reason),
            error @ (LoadError::Corrupt { .. } | LoadError::Unregistered(_)) => {
                Self::Corrupt(error)
            }
        }
    }
}

impl<E: std::error::Error> From<Unrecordable> for ExecuteError<E> {
    fn from(error: Unrecordable) -> Self {
        Self::Unrecordable(error)
    }
}

/// Why the ledger could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database cannot be used, or was not migrated.
    #[error("the ledger cannot be opened")]
    Database(#[from] sqlx::Error),
    /// The last event cannot be read.
    #[error(transparent)]
    Look(#[from] LookError),
    /// No connection within the configured time.
    #[error("the database did not accept a connection in time")]
    ConnectTimeout,
}

/// Why the database could not be brought to this program's schema.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be migrated")]
pub struct MigrateError(#[from] pub sqlx::migrate::MigrateError);

impl From<DecodeError> for ReadError {
    fn from(error: DecodeError) -> Self {
        Self::Malformed {
            position: error.position,
            reason: error.source.to_string(),
        }
    }
}
