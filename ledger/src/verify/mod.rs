//! Verification: hashes every event as it is stored, and follows the chain.

mod checker;
mod pages;

use std::ops::RangeInclusive;

use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::checkpoint::{Checkpoint, CheckpointFault, Evidence, Witness};
use crate::connections::answered;
use crate::merkle::{Edge, Frontier};
use crate::{Ledger, LedgerReader, Position, ReadError, chain, reader};

pub(crate) use checker::{Checker, Link};
pub(crate) use pages::Pages;

const HEAD: &str = include_str!("../sql/verify_head.sql");
const HASH_AT: &str = include_str!("../sql/hash_at.sql");

/// A range of the ledger that was found intact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many events were checked.
    pub events: u64,
    /// The last position checked; the one before the range when it is empty.
    pub last: Position,
    /// The hash there: everything up to it is what it was when this hash was first seen.
    pub hash: [u8; 32],
}

/// A range that was found intact and held against checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLog {
    /// The range.
    pub verified: Verified,
    /// How many checkpoints it agrees with.
    pub checkpoints: u64,
    /// The last of them: nothing up to there was rewritten since it was made.
    pub attested: Option<Checkpoint>,
}

/// What is wrong at the first bad position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The event was changed after it was recorded; its hash and the ones after it still fit together.
    #[error("the event was changed")]
    Changed,
    /// The event is as recorded, its hash is not.
    #[error("the event's hash was changed")]
    HashChanged,
    /// There is no event, although later ones, or the head, say that there was.
    #[error("the event was removed")]
    Removed,
    /// An event that does not continue the chain: inserted, moved from elsewhere, or changed with its hash.
    #[error("the event does not continue the chain: it was inserted, moved or rewritten")]
    Displaced,
    /// An event that the head does not know of.
    #[error("the event lies beyond the head")]
    BeyondHead,
    /// The head's hash is not the last event's.
    #[error("the head does not match the last event")]
    HeadMismatch,
}

/// Why a range is not known to be intact.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The ledger was altered.
    #[error("position {position}: {fault}")]
    Bad {
        /// The first bad position.
        position: Position,
        /// What is wrong there.
        fault: Fault,
    },
    /// The chain fits together, but not to a checkpoint.
    #[error("checkpoint at position {position}: {fault}")]
    Checkpoint {
        /// The checkpoint's position.
        position: Position,
        /// What is wrong with it.
        fault: CheckpointFault,
    },
    /// The ledger could not be read.
    #[error(transparent)]
    Read(ReadError),
}

impl From<sqlx::Error> for VerifyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Read(error.into())
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<(Position, CheckpointFault)> for VerifyError {
    fn from((position, fault): (Position, CheckpointFault)) -> Self {
        Self::Checkpoint { position, fault }
    }
}

/// The head as the database has it.
pub(crate) struct Head {
    pub position: Position,
    pub hash: [u8; 32],
    /// The first event that lies beyond it; there should be none.
    beyond: Option<Position>,
}

impl Ledger {
    /// [`LedgerReader::verify`].
    pub async fn verify(
        &self,
        range: RangeInclusive<Position>,
        progress: impl FnMut(Position),
    ) -> Result<Verified, VerifyError> {
        self.reader().verify(range, progress).await
    }
}

impl LedgerReader {
    /// Checks the events of a range of positions, up to the head where the range reaches beyond it. A range that does
    /// not begin at the first event takes the hash before it for granted. Tells `progress` of each position reached.
    ///
    /// # Errors
    /// [`VerifyError::Bad`] names the first bad position and what is wrong there.
    pub async fn verify(
        &self,
        range: RangeInclusive<Position>,
        mut progress: impl FnMut(Position),
    ) -> Result<Verified, VerifyError> {
        self.verify_range(range, |link| {
            progress(link.position);
            Ok(())
        })
        .await
        .map(|(verified, _)| verified)
    }

    /// As [`verify`](Self::verify), and holds the range against the ledger's own checkpoints and against what an auditor
    /// kept.
    ///
    /// # Errors
    /// [`VerifyError::Checkpoint`] when the chain fits together but is not the one that was signed.
    pub async fn verify_against(
        &self,
        range: RangeInclusive<Position>,
        evidence: &Evidence,
        mut progress: impl FnMut(Position),
    ) -> Result<VerifiedLog, VerifyError> {
        let before = Position(range.start().0.max(1) - 1);
        let keys = self.signing_keys().await?;
        let recorded = self.checkpoints(before, usize::MAX).await?;
        let recorded = recorded.into_iter().map(|listed| listed.checkpoint);
        let tree = self.tree_at(before).await?;
        let mut witness = Witness::new(before, tree, &keys, recorded.collect(), evidence);
        let (verified, complete) = self
            .verify_range(range, |link| {
                progress(link.position);
                Ok(witness.reached(link)?)
            })
            .await?;
        witness.finish(complete)?;
        Ok(VerifiedLog {
            verified,
            checkpoints: witness.checkpoints,
            attested: witness.attested,
        })
    }

    /// The tree over the events up to a position, taken for granted; `None`: too little of it is stored.
    pub(crate) async fn tree_at(&self, position: Position) -> Result<Option<Frontier>, ReadError> {
        let size = u64::try_from(position.0).unwrap_or_default();
        let tiles = self.tiles(&Edge::needed(size)).await?;
        Ok(Edge::new(size, &tiles).map(|edge| edge.frontier().clone()))
    }

    /// Also tells whether the end of the log was reached.
    async fn verify_range(
        &self,
        range: RangeInclusive<Position>,
        on_link: impl FnMut(&Link) -> Result<(), VerifyError>,
    ) -> Result<(Verified, bool), VerifyError> {
        let pool = &self.pool;
        let head = read_head(pool).await?;
        let first = (*range.start()).max(Position::START.next());
        let last = (*range.end()).min(head.position);
        let before = Position(first.0 - 1);
        let start = (before, hash_at(pool, before).await?);
        let verified = walk(pool, start, last, &head, on_link).await?;
        if verified.last == head.position && verified.hash != head.hash {
            return Err(bad((head.position, Fault::HeadMismatch)));
        }
        if let Some(beyond) = head.beyond.filter(|_| *range.end() > head.position) {
            return Err(bad((beyond, Fault::BeyondHead)));
        }
        Ok((verified, last == head.position))
    }
}

/// Follows the chain from a position and the hash there up to `last`, telling of each link that belongs.
pub(crate) async fn walk(
    pool: &PgPool,
    start: (Position, [u8; 32]),
    last: Position,
    head: &Head,
    mut on_link: impl FnMut(&Link) -> Result<(), VerifyError>,
) -> Result<Verified, VerifyError> {
    let mut checker = Checker::new(start);
    // One more than is checked: it tells what is wrong with the last.
    let mut pages = Pages::start(pool.clone(), start.0, last.next(), |rows| {
        rows.iter().map(link).collect::<Vec<_>>()
    });
    'pages: while let Some(page) = pages.next().await? {
        for link in page {
            let link = link?;
            if link.position > last && !checker.is_suspicious() {
                break 'pages;
            }
            if checker.push(link).map_err(bad)? {
                on_link(&link)?;
            }
        }
    }
    let end = (last == head.position).then_some(&head.hash);
    checker.finish(last, end).map_err(bad)?;
    Ok(Verified {
        events: checker.events,
        last: checker.last,
        hash: checker.hash,
    })
}

fn bad((position, fault): (Position, Fault)) -> VerifyError {
    VerifyError::Bad { position, fault }
}

/// What the chain needs of a row of `read.sql`.
fn link(row: &PgRow) -> Result<Link, sqlx::Error> {
    let raw = reader::raw(row)?;
    Ok(Link {
        position: raw.position,
        entry: raw.entry(),
        // The table lets no other length in.
        hash: raw.hash.try_into().unwrap_or_default(),
    })
}

pub(crate) async fn read_head(pool: &PgPool) -> Result<Head, VerifyError> {
    let row = sqlx::query(HEAD).fetch_one(pool).await?;
    let position = Position(row.try_get("position")?);
    let hash = row.try_get::<&[u8], _>("hash")?;
    let hash = hash
        .try_into()
        .map_err(|_| bad((position, Fault::HeadMismatch)))?;
    let beyond: Option<i64> = row.try_get("beyond")?;
    Ok(Head {
        position,
        hash,
        beyond: beyond.map(Position),
    })
}

/// The hash at a position, taken for granted.
pub(crate) async fn hash_at(pool: &PgPool, position: Position) -> Result<[u8; 32], VerifyError> {
    if position == Position::START {
        return Ok(chain::START);
    }
    let row = answered(sqlx::query(HASH_AT).bind(position.0).fetch_optional(pool)).await?;
    let row = row.ok_or_else(|| bad((position, Fault::Removed)))?;
    row.try_get::<&[u8], _>("hash")?
        .try_into()
        .map_err(|_| bad((position, Fault::Changed)))
}
