use std::ops::RangeInclusive;

use sqlx::postgres::PgRow;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{ExportHeader, FORMAT, NodeText, VERSION, line};
use crate::verify::{Pages, hash_at, read_head};
use crate::{LedgerReader, Position, ReadError, VerifyError};

/// Why an export was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There are no such events.
    #[error("there are no positions {first} to {last}: the log ends at {head}")]
    NoSuchRange {
        /// The first asked for.
        first: Position,
        /// The last asked for.
        last: Position,
        /// The last there is.
        head: Position,
    },
    /// The log is not what was recorded.
    #[error("the log cannot be exported: {0}")]
    Altered(VerifyError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl From<VerifyError> for ExportError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Read(error) => Self::Read(error),
            error => Self::Altered(error),
        }
    }
}

struct Page {
    lines: Vec<u8>,
    last: Position,
    events: usize,
}

impl LedgerReader {
    /// Writes a range of the log, up to the head where the range reaches beyond it, with what is needed to verify it.
    /// Tells `progress` of positions reached. Nothing is verified: a log that was altered is exported as it is, so that
    /// the file shows it.
    pub async fn export(
        &self,
        range: RangeInclusive<Position>,
        out: &mut (impl AsyncWrite + Unpin + Send),
        mut progress: impl FnMut(Position),
    ) -> Result<ExportHeader, ExportError> {
        let header = self.header(range).await?;
        let mut first_line = serde_json::to_vec(&header).map_err(std::io::Error::other)?;
        first_line.push(b'\n');
        out.write_all(&first_line).await?;
        let before = Position(header.first.0 - 1);
        let mut reached = before;
        let mut pages = Pages::start(self.pool.clone(), before, header.last, lines);
        while let Some(page) = pages.next().await.map_err(ReadError::from)? {
            let page = page?;
            out.write_all(&page.lines).await?;
            let expected = i64::try_from(page.events).map_or(Position(i64::MAX), |events| {
                Position(reached.0.saturating_add(events))
            });
            if page.last != expected {
                tracing::warn!(position = %reached.next(), "the log that is exported has a gap");
            }
            reached = page.last;
            progress(reached);
        }
        out.flush().await?;
        Ok(header)
    }

    async fn header(&self, range: RangeInclusive<Position>) -> Result<ExportHeader, ExportError> {
        let head = read_head(&self.pool).await?;
        let first = (*range.start()).max(Position(1));
        let last = (*range.end()).min(head.position);
        let is_whole = *range.start() <= Position(1) && *range.end() >= head.position;
        if last < first && !is_whole {
            return Err(ExportError::NoSuchRange {
                first: *range.start(),
                last: *range.end(),
                head: head.position,
            });
        }
        let before = Position(first.0 - 1);
        let checkpoints = self.checkpoints(before, usize::MAX).await?;
        let tree = self.tree_at(before).await?;
        Ok(ExportHeader {
            format: FORMAT.to_owned(),
            version: VERSION,
            first,
            last,
            previous_hash: hash_at(&self.pool, before).await?,
            hash: if last == head.position {
                head.hash
            } else {
                hash_at(&self.pool, last).await?
            },
            tree: tree.map(|tree| tree.subtrees().iter().copied().map(NodeText).collect()),
            keys: self.signing_keys().await?,
            checkpoints: checkpoints
                .into_iter()
                .map(|listed| listed.checkpoint)
                .filter(|checkpoint| checkpoint.position <= last)
                .collect(),
        })
    }
}

fn lines(rows: &[PgRow]) -> Result<Page, ReadError> {
    let mut page = Page {
        lines: Vec::with_capacity(rows.len() * 1024),
        last: Position::START,
        events: rows.len(),
    };
    for row in rows {
        page.last = line::append(row, &mut page.lines)?;
    }
    Ok(page)
}
