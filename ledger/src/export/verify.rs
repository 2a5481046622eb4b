use std::io::BufRead;

use super::lines::{Lines, Unlinked};
use super::{ExportHeader, FORMAT, VERSION};
use crate::chain;
use crate::checkpoint::{Checkpoint, CheckpointFault, Evidence, Witness};
use crate::merkle::Frontier;
use crate::verify::Checker;
use crate::{Fault, Position, Verified};

/// An export that was found intact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedExport {
    /// What it says of itself.
    pub header: ExportHeader,
    /// Its events.
    pub verified: Verified,
    /// How many checkpoints it agrees with.
    pub checkpoints: u64,
    /// The last of them.
    pub attested: Option<Checkpoint>,
}

/// Why an export is not known to be intact.
#[derive(Debug, thiserror::Error)]
pub enum VerifyExportError {
    /// It is some other file.
    #[error("this is not an export of a ledger: {0}")]
    Foreign(String),
    /// A newer program wrote it.
    #[error("the export is of version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// It ends too early.
    #[error(
        "the export is cut off: it should end at position {last}, and ends before position {position}"
    )]
    Truncated {
        /// The first position that is missing.
        position: Position,
        /// The last position it should have.
        last: Position,
    },
    /// A line is damaged.
    #[error("line {line}, where position {position} should be, is damaged: {reason}")]
    Corrupt {
        /// The line, from 1.
        line: u64,
        /// The position that should be there.
        position: Position,
        /// What is wrong.
        reason: String,
    },
    /// The events do not fit together.
    #[error("position {position}: {fault}")]
    Bad {
        /// The first bad position.
        position: Position,
        /// What is wrong there.
        fault: Fault,
    },
    /// The events fit together, but not to a checkpoint.
    #[error("checkpoint at position {position}: {fault}")]
    Checkpoint {
        /// The checkpoint's position.
        position: Position,
        /// What is wrong with it.
        fault: CheckpointFault,
    },
    /// The file cannot be read.
    #[error("the export cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl From<(Position, CheckpointFault)> for VerifyExportError {
    fn from((position, fault): (Position, CheckpointFault)) -> Self {
        Self::Checkpoint { position, fault }
    }
}

fn bad((position, fault): (Position, Fault)) -> VerifyExportError {
    VerifyExportError::Bad { position, fault }
}

/// Verifies an export without a database, in little memory; tells `progress` of positions reached. What comes before
/// its first event is taken for granted, but for what `evidence` says of it.
pub fn verify_export(
    file: impl BufRead,
    evidence: &Evidence,
    mut progress: impl FnMut(Position),
) -> Result<VerifiedExport, VerifyExportError> {
    let mut lines = Lines::new(file);
    let header = read_header(&mut lines)?;
    let before = Position(header.first.0 - 1);
    let mut checker = Checker::new((before, header.previous_hash));
    let recorded = header.checkpoints.clone();
    let mut witness = Witness::new(before, tree(&header), &header.keys, recorded, evidence);
    lines.for_each_batch(|batch| {
        for (number, line) in (batch.first_line..).zip(batch.links) {
            let position = checker.last.next();
            let link = match line {
                Ok(link) => link,
                Err(Unlinked::CutOff) => return Err(truncated(&checker, &header)),
                Err(Unlinked::Damaged(reason)) => {
                    // What came before may tell more of what is wrong.
                    checker.finish(checker.last, None).map_err(bad)?;
                    return Err(VerifyExportError::Corrupt {
                        line: number,
                        position,
                        reason,
                    });
                }
            };
            if checker.last == header.last && !checker.is_suspicious() {
                let fault = Fault::BeyondHead;
                return Err(VerifyExportError::Bad { position, fault });
            }
            if checker.push(link).map_err(bad)? {
                witness.reached(&link)?;
            }
        }
        progress(checker.last);
        Ok(())
    })?;
    let at_end = checker.last.next() == header.last;
    checker
        .finish(checker.last, at_end.then_some(&header.hash))
        .map_err(bad)?;
    if checker.last < header.last {
        return Err(truncated(&checker, &header));
    }
    if checker.hash != header.hash {
        return Err(bad((header.last, Fault::HeadMismatch)));
    }
    Ok(VerifiedExport {
        verified: Verified {
            events: checker.events,
            last: checker.last,
            hash: checker.hash,
        },
        header,
        checkpoints: witness.checkpoints,
        attested: witness.attested,
    })
}

/// The tree that the header says was there before the first event.
fn tree(header: &ExportHeader) -> Option<Frontier> {
    let size = u64::try_from(header.first.0 - 1).ok()?;
    let subtrees = header.tree.as_ref()?.iter().map(|node| node.0).collect();
    Frontier::new(size, subtrees)
}

fn truncated(checker: &Checker, header: &ExportHeader) -> VerifyExportError {
    VerifyExportError::Truncated {
        position: checker.last.next(),
        last: header.last,
    }
}

fn read_header(lines: &mut Lines<impl BufRead>) -> Result<ExportHeader, VerifyExportError> {
    #[derive(serde::Deserialize)]
    struct Kind {
        format: String,
        version: u32,
    }
    let foreign = |reason: &str| VerifyExportError::Foreign(reason.to_owned());
    let line = lines.next()?.ok_or_else(|| foreign("it is empty"))?;
    let text = line.strip_suffix(b"\n").unwrap_or(&line);
    let beginning = format!("{{\"format\":\"{FORMAT}\"").into_bytes();
    let begins_right =
        text.starts_with(&beginning) || (text.len() > 10 && beginning.starts_with(text));
    let kind: Kind = match serde_json::from_slice(text) {
        Ok(kind) => kind,
        Err(error) if begins_right && error.is_eof() => {
            return Err(VerifyExportError::Truncated {
                position: Position(1),
                last: Position(1),
            });
        }
        Err(error) if begins_right => return Err(damaged_header(&error.to_string())),
        Err(_) => return Err(foreign("its first line is not an export's")),
    };
    if kind.format != FORMAT {
        return Err(foreign("its first line names another format"));
    }
    if kind.version != VERSION {
        return Err(VerifyExportError::Version(kind.version));
    }
    let header: ExportHeader =
        serde_json::from_slice(text).map_err(|error| damaged_header(&error.to_string()))?;
    let sensible = header.first >= Position(1) && header.last.0 >= header.first.0 - 1;
    if !sensible {
        return Err(damaged_header("its positions make no range"));
    }
    if header.first == Position(1) && header.previous_hash != chain::START {
        return Err(damaged_header("nothing comes before the first event"));
    }
    Ok(header)
}

fn damaged_header(reason: &str) -> VerifyExportError {
    VerifyExportError::Corrupt {
        line: 1,
        position: Position::START,
        reason: reason.to_owned(),
    }
}
