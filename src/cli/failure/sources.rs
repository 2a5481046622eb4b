//! What other rooms say of a failure, as commands end with it.

use chancery_ledger::{
    CheckpointError, ExportError, InvalidProof, ProveError, ReadError, ReplayError, VerifyError,
    VerifyExportError,
};
use chancery_operations::Refused;
use chancery_projections::{ProjectionError, RebuildError, StartError};
use indicatif::style::TemplateError;

use super::Failure;
use crate::app::OpenDatabaseError;
use crate::app::checkpoints::SignError;
use crate::moment::MomentError;
use crate::signing_key::SigningKeyError;

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
