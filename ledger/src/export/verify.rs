use std::io::{BufRead, Read};

use super::{ExportHeader, FORMAT, VERSION, line};
use crate::chain;
use crate::checkpoint::{Checkpoint, CheckpointFault, Evidence, Witness};
use crate::verify::{Checker, Link};
use crate::{Fault, Position, Verified};

/// No event's line is longer.
const LINE_LIMIT: u64 = 64 << 20;
/// Lines in hand at a time.
const BATCH: usize = 2048;

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
    let mut lines = Lines { file, number: 0 };
    let header = read_header(&mut lines)?;
    let before = Position(header.first.0 - 1);
    let mut checker = Checker::new((before, header.previous_hash));
    let mut witness = Witness::new(before, &header.keys, header.checkpoints.clone(), evidence);
    loop {
        let first_line = lines.number + 1;
        let batch = lines.batch()?;
        if batch.is_empty() {
            break;
        }
        for (number, line) in (first_line..).zip(links(&batch)) {
            let position = checker.last.next();
            let link = match line {
                Ok(link) => link,
                Err(_) if batch.is_cut_off(number - first_line) => {
                    return Err(truncated(&checker, &header));
                }
                Err(reason) => {
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
                witness.reached(checker.last, &checker.hash)?;
            }
        }
        progress(checker.last);
    }
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

/// Lines with their line feeds.
struct Lines<R> {
    file: R,
    number: u64,
}

struct Batch(Vec<Vec<u8>>);

impl Batch {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the line of this index has no end: the file ends within it.
    fn is_cut_off(&self, index: u64) -> bool {
        let line = usize::try_from(index)
            .ok()
            .and_then(|index| self.0.get(index));
        line.is_some_and(|line| line.last() != Some(&b'\n'))
    }
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, std::io::Error> {
        let mut line = Vec::new();
        let read = (&mut self.file)
            .take(LINE_LIMIT)
            .read_until(b'\n', &mut line)?;
        self.number += 1;
        Ok((read > 0).then_some(line))
    }

    fn batch(&mut self) -> Result<Batch, std::io::Error> {
        let mut lines = Vec::with_capacity(BATCH);
        while lines.len() < BATCH {
            match self.next()? {
                Some(line) => lines.push(line),
                None => break,
            }
        }
        Ok(Batch(lines))
    }
}

/// The links of a batch of lines, computed on all processors.
fn links(batch: &Batch) -> Vec<Result<Link, String>> {
    let parallel = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = batch.0.len().div_ceil(parallel).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = batch
            .0
            .chunks(share)
            .map(|lines| scope.spawn(|| lines.iter().map(|line| link(line)).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| match worker.join() {
                Ok(links) => links,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

fn link(line: &[u8]) -> Result<Link, String> {
    let event = match line.strip_suffix(b"\n") {
        Some(text) => line::parse(text)?,
        None => return Err("the line does not end".to_owned()),
    };
    Ok(Link {
        position: event.position,
        microseconds: event.recorded_at.timestamp_micros(),
        content: chain::content_of(&event),
        hash: event.hash,
    })
}
