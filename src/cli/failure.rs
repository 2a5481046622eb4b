//! Why a command failed, and the exit status that says so.

use std::process::ExitCode;

use chancery_ledger::{
    CheckpointError, ExportError, InvalidProof, Position, ProveError, ReadError, ReplayError,
    VerifyError, VerifyExportError,
};

use chancery_operations::Refused;
use chancery_projections::{ProjectionError, RebuildError, StartError};
use indicatif::style::TemplateError;

use super::terminal::clean_lines;
use crate::app::OpenDatabaseError;
use crate::app::checkpoints::SignError;
use crate::moment::MomentError;
use crate::signing_key::SigningKeyError;

/// Tells why a command failed, if it did, and how it ends.
pub fn end(outcome: Result<ExitCode, Failure>) -> ExitCode {
    match outcome {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {}", clean_lines(&failure.to_string()));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Why a command failed. Each prints as one line.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no database.
    #[error("{0}")]
    NoDatabase(String),
    /// The database failed.
    #[error("the ledger cannot be read: {0}")]
    Database(#[from] sqlx::Error),
    /// An event cannot be read.
    #[error("the event at position {position} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        position: Position,
        /// Why.
        reason: String,
    },
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// The log, an event or a proof was altered.
    #[error("NOT intact: {0}")]
    Altered(String),
    /// A file is damaged or cut off.
    #[error("{0}")]
    Damaged(String),
    /// A file is something else.
    #[error("{0}")]
    Foreign(String),
    /// Nothing vouches for what is intact.
    #[error("{0}")]
    Unattested(String),
    /// Nobody signs what is intact.
    #[error("{0}")]
    Unsigned(String),
    /// Another process is at it.
    #[error("{0}")]
    Busy(String),
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// The process's exit status; the `--help` of `audit`, `projections` and `user` lists them.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Output(_) | Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::NoDatabase(_) | Self::Database(_) => 3,
            Self::NotFound(_) => 4,
            Self::Altered(_) | Self::Unreadable { .. } => 5,
            Self::Damaged(_) => 6,
            Self::Foreign(_) => 7,
            Self::Unattested(_) => 8,
            Self::Busy(_) => 9,
            Self::Unsigned(_) => 10,
        }
    }

    /// A range ends before it begins.
    pub fn backwards() -> Self {
        Self::Usage("--from lies after --to".to_owned())
    }

    /// There is no such position.
    pub fn no_position(position: i64, head: Position) -> Self {
        Self::NotFound(if head == Position::START {
            "the log is empty".to_owned()
        } else {
            format!("there is no position {position}: the log has positions 1 to {head}")
        })
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => Self::Database(error),
            ReadError::Malformed { position, reason } => Self::Unreadable { position, reason },
        }
    }
}

impl From<OpenDatabaseError> for Failure {
    fn from(error: OpenDatabaseError) -> Self {
        Self::NoDatabase(error.to_string())
    }
}

impl From<MomentError> for Failure {
    fn from(error: MomentError) -> Self {
        match error {
            MomentError::Read(error) => error.into(),
            error => Self::NotFound(error.to_string()),
        }
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::UnknownType(_)
            | ReplayError::UnknownStream(..)
            | ReplayError::NotYet { .. } => Self::NotFound(error.to_string()),
            ReplayError::Undecodable { error } => Self::Unreadable {
                position: error.position,
                reason: error.source.to_string(),
            },
            ReplayError::State(error) => Self::Other(error.to_string()),
            ReplayError::Read(error) => error.into(),
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Read(error) => error.into(),
            VerifyError::Bad { position, fault } => {
                Self::Altered(format!("first bad position {position}: {fault}"))
            }
            error @ VerifyError::Checkpoint { .. } => Self::Altered(error.to_string()),
        }
    }
}

impl From<VerifyExportError> for Failure {
    fn from(error: VerifyExportError) -> Self {
        match error {
            VerifyExportError::Foreign(_) | VerifyExportError::Version(_) => {
                Self::Foreign(error.to_string())
            }
            VerifyExportError::Truncated { .. } | VerifyExportError::Corrupt { .. } => {
                Self::Damaged(error.to_string())
            }
            VerifyExportError::Bad { position, fault } => {
                Self::Altered(format!("first bad position {position}: {fault}"))
            }
            VerifyExportError::Checkpoint { .. } => Self::Altered(error.to_string()),
            VerifyExportError::Io(error) => Self::Other(error.to_string()),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NoSuchRange { .. } => Self::NotFound(error.to_string()),
            ExportError::Altered(error) => error.into(),
            ExportError::Read(error) => error.into(),
            ExportError::Write(error) => Self::Output(error),
        }
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::NoEvent(_) | ProveError::NoCheckpoint(_) => {
                Self::NotFound(error.to_string())
            }
            ProveError::Altered(_) => Self::Altered(error.to_string()),
            ProveError::Read(error) => error.into(),
        }
    }
}

impl From<InvalidProof> for Failure {
    fn from(error: InvalidProof) -> Self {
        Self::Altered(error.to_string())
    }
}

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::Altered(error) => error.into(),
            CheckpointError::Read(error) => error.into(),
            error @ CheckpointError::OtherLog { .. } => Self::Altered(error.to_string()),
            error @ CheckpointError::Empty => Self::NotFound(error.to_string()),
            error @ (CheckpointError::OtherKey { .. } | CheckpointError::NoKey) => {
                Self::Other(error.to_string())
            }
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Database(error) => Self::Database(error),
            error => Self::Other(error.to_string()),
        }
    }
}

impl From<ProjectionError> for Failure {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Unknown(_) => Self::NotFound(error.to_string()),
            ProjectionError::Database(error) => Self::Database(error),
        }
    }
}

impl From<RebuildError> for Failure {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::Unknown(_) => Self::NotFound(error.to_string()),
            RebuildError::AlreadyRunning(_) => Self::Busy(error.to_string()),
            RebuildError::Event {
                position, message, ..
            } => Self::Unreadable {
                position,
                reason: message,
            },
            RebuildError::Read(error) => match &*error {
                ReadError::Database(error) => {
                    Self::NoDatabase(format!("the ledger cannot be read: {error}"))
                }
                ReadError::Malformed { position, reason } => Self::Unreadable {
                    position: *position,
                    reason: reason.clone(),
                },
            },
            RebuildError::Database(error) => Self::Database(error),
            error => Self::Other(error.to_string()),
        }
    }
}

impl From<chancery_operations::Failure> for Failure {
    fn from(failure: chancery_operations::Failure) -> Self {
        use chancery_operations::Failure as Operation;
        match failure {
            Operation::Refused(refused) => Self::Usage(refusal(&refused)),
            Operation::NotFound => Self::NotFound(failure.to_string()),
            Operation::Unavailable(reason) => Self::NoDatabase(reason),
            other => Self::Other(other.to_string()),
        }
    }
}

/// What is wrong, and with which fields.
fn refusal(refused: &Refused) -> String {
    let fields = refused.fields.iter();
    let details = fields.map(|invalid| format!(" {}: {}", invalid.field, invalid.detail));
    let details: Vec<String> = details.collect();
    format!("{refused}{}", details.join(";"))
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<SigningKeyError> for Failure {
    fn from(error: SigningKeyError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Key(error) => error.into(),
            SignError::Checkpoint(error) => error.into(),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Output(error),
            other => Self::Other(format!("{other:?}")),
        }
    }
}
