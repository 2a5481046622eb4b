//! Errors of the engine.

use std::sync::Arc;

use chancery_ledger::{DecodeError, Position, ReadError, RecordedEvent};

use super::projection::ProjectionName;

/// Why a projection could not apply events.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// An event cannot be applied: its content is not what the projection understands or expects.
    #[error("{message}")]
    Event {
        /// Where the event stands.
        position: Position,
        /// What is wrong with it.
        message: String,
    },
    /// The database refused or was lost.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl ApplyError {
    /// An event whose payload cannot be read.
    pub fn decode(event: &RecordedEvent, error: &DecodeError) -> Self {
        Self::event(event, error.to_string())
    }

    /// An event that cannot be applied.
    pub fn event(event: &RecordedEvent, message: impl Into<String>) -> Self {
        Self::Event {
            position: event.position,
            message: message.into(),
        }
    }

    /// Whether the same attempt may succeed later, without a change of the program or the event.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Event { .. } => false,
            Self::Database(error) => is_transient(error),
        }
    }
}

/// Whether a database error says nothing about the statement: connection lost, server stopping, serialization,
/// deadlock, a lock or statement timeout, no resources, a standby.
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let class = code.get(..2).unwrap_or_default();
            matches!(class, "08" | "40" | "53" | "57" | "58")
                || matches!(code.as_ref(), "55P03" | "25006" | "25P03")
        }),
        _ => false,
    }
}

/// A projection has not reached a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the projection {name} is at position {at}, not yet at {position}{}", if *.stopped { "; it is stopped" } else { "" })]
pub struct Behind {
    /// The projection.
    pub name: ProjectionName,
    /// The position waited for.
    pub position: Position,
    /// The position it has reached.
    pub at: Position,
    /// Whether it is stopped at an event that it cannot apply.
    pub stopped: bool,
}

/// The engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A projection's name cannot name a schema, or two projections have the same name.
    #[error("the projection name {0:?} is not usable: it must be unique and of a-z, 0-9 and _")]
    Name(ProjectionName),
    /// The tables of a projection could not be made.
    #[error("the tables of the projection {name} could not be made: {source}")]
    Tables {
        /// The projection.
        name: ProjectionName,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database refused or was lost.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// An operation on a projection failed.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// There is no such projection.
    #[error("there is no projection {0}")]
    Unknown(String),
    /// The database refused or was lost.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A rebuild or verification failed. The live tables are as they were.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is no such projection.
    #[error("there is no projection {0}")]
    Unknown(String),
    /// Another rebuild or verification of this projection runs, here or in another process.
    #[error("the projection {0} is being rebuilt or verified already")]
    AlreadyRunning(ProjectionName),
    /// The projection has no live tables yet: the server has never started with it.
    #[error("the projection {0} has no tables yet: start the server once")]
    NoTables(ProjectionName),
    /// The live tables are of another version: there is nothing to compare.
    #[error(
        "the live tables of {name} are of version {live}, the program's are of version {program}: rebuild first"
    )]
    OtherVersion {
        /// The projection.
        name: ProjectionName,
        /// Version of the tables.
        live: i32,
        /// Version of the program.
        program: i32,
    },
    /// The log lost history while the rebuild read it: it can be begun again.
    #[error("the log lost history while the projection {0} was rebuilt")]
    LostHistory(ProjectionName),
    /// An event cannot be applied.
    #[error("the event {event} at position {position} cannot be applied: {message}")]
    Event {
        /// Where it stands.
        position: Position,
        /// `<aggregate type>/<event type>`.
        event: String,
        /// Why.
        message: String,
    },
    /// The ledger could not be read.
    #[error("the ledger could not be read: {0}")]
    Read(Arc<ReadError>),
    /// The database refused or was lost.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<ReadError> for RebuildError {
    fn from(error: ReadError) -> Self {
        Self::Read(Arc::new(error))
    }
}

/// `<aggregate type>/<event type>`: how an event is named to people.
pub(super) fn event_name(event: &RecordedEvent) -> String {
    let mut name = event.aggregate_type.clone();
    name.push('/');
    name.push_str(&event.event_type);
    name
}
