//! Why a command failed, and the exit status that says so.

mod sources;

use std::process::ExitCode;

use chancery_ledger::Position;

use super::terminal::clean_lines;

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
