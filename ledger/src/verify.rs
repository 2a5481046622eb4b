//! Verification: recomputes every content digest and every link of the chain.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use sqlx::{PgPool, Row};

use crate::canonical::Content;
use crate::{Ledger, Position, ReadError, StoredEvent, chain, reader};

const HEAD: &str = include_str!("sql/verify_head.sql");
const HASH_AT: &str = include_str!("sql/hash_at.sql");
const PAGE: usize = 1000;

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
    /// The ledger could not be read.
    #[error(transparent)]
    Read(ReadError),
}

impl From<sqlx::Error> for VerifyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Read(error.into())
    }
}

struct Head {
    position: Position,
    hash: [u8; 32],
    /// The first event that lies beyond it; there should be none.
    beyond: Option<Position>,
}

impl Ledger {
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
        let pool = &self.0.pool;
        let head = read_head(pool).await?;
        let first = (*range.start()).max(Position::START.next());
        let last = (*range.end()).min(head.position);
        let before = Position(first.0 - 1);
        let mut verified = Verified {
            events: 0,
            last: before,
            hash: hash_at(pool, before).await?,
        };

        let mut pages = Pages::new(pool, before);
        while verified.last < last {
            let position = verified.last.next();
            let event = match pages.next().await? {
                Some((found, event)) if found == position => {
                    event.ok_or_else(|| bad(position, Fault::Changed))?
                }
                _ => return Err(bad(position, Fault::Removed)),
            };
            let expected = expected_hash(&verified.hash, &event);
            if expected != Some(event.hash) {
                let fault = classify(&mut pages, &head, &event, expected).await?;
                return Err(bad(position, fault));
            }
            verified.events += 1;
            verified.last = position;
            verified.hash = event.hash;
            progress(position);
        }
        if verified.last == head.position && verified.hash != head.hash {
            return Err(bad(head.position, Fault::HeadMismatch));
        }
        if let Some(beyond) = head.beyond.filter(|_| *range.end() > head.position) {
            return Err(bad(beyond, Fault::BeyondHead));
        }
        Ok(verified)
    }
}

fn bad(position: Position, fault: Fault) -> VerifyError {
    VerifyError::Bad { position, fault }
}

/// The hash the event should have, if it can be an event at all.
fn expected_hash(previous: &[u8; 32], event: &StoredEvent) -> Option<[u8; 32]> {
    let content = Content {
        append_id: event.append_id,
        aggregate_type: &event.aggregate_type,
        aggregate_id: &event.aggregate_id,
        sequence: event.sequence,
        event_type: &event.event_type,
        event_version: &event.event_version,
        payload: &event.payload,
        metadata: &event.metadata,
    };
    let content = content.digest().ok()?;
    let microseconds = event.recorded_at.timestamp_micros();
    Some(chain::link(
        previous,
        event.position.0,
        microseconds,
        &content,
    ))
}

/// Tells from what follows the event whether its content or its hash is the one that does not belong.
async fn classify(
    pages: &mut Pages<'_>,
    head: &Head,
    event: &StoredEvent,
    expected: Option<[u8; 32]>,
) -> Result<Fault, VerifyError> {
    let next = pages.next().await?.and_then(|(_, next)| next);
    let continues = |hash: [u8; 32]| match &next {
        Some(next) => expected_hash(&hash, next) == Some(next.hash),
        None => event.position == head.position && hash == head.hash,
    };
    Ok(if continues(event.hash) {
        Fault::Changed
    } else if expected.is_some_and(continues) {
        Fault::HashChanged
    } else {
        Fault::Displaced
    })
}

async fn read_head(pool: &PgPool) -> Result<Head, VerifyError> {
    let row = sqlx::query(HEAD).fetch_one(pool).await?;
    let position = Position(row.try_get("position")?);
    let hash = row.try_get::<&[u8], _>("hash")?;
    let hash = hash
        .try_into()
        .map_err(|_| bad(position, Fault::HeadMismatch))?;
    let beyond: Option<i64> = row.try_get("beyond")?;
    Ok(Head {
        position,
        hash,
        beyond: beyond.map(Position),
    })
}

async fn hash_at(pool: &PgPool, position: Position) -> Result<[u8; 32], VerifyError> {
    if position == Position::START {
        return Ok(chain::START);
    }
    let row = sqlx::query(HASH_AT)
        .bind(position.0)
        .fetch_optional(pool)
        .await?;
    let row = row.ok_or_else(|| bad(position, Fault::Removed))?;
    row.try_get::<&[u8], _>("hash")?
        .try_into()
        .map_err(|_| bad(position, Fault::Changed))
}

/// Events in order of position, a page at a time.
struct Pages<'a> {
    pool: &'a PgPool,
    after: Position,
    page: VecDeque<(Position, Option<StoredEvent>)>,
}

impl<'a> Pages<'a> {
    fn new(pool: &'a PgPool, after: Position) -> Self {
        Self {
            pool,
            after,
            page: VecDeque::new(),
        }
    }

    /// The next row. One that cannot even be parsed was not recorded so: its position, and nothing else.
    async fn next(&mut self) -> Result<Option<(Position, Option<StoredEvent>)>, VerifyError> {
        if self.page.is_empty() {
            for row in reader::read_each(self.pool, self.after, PAGE).await? {
                let row = match row {
                    Ok(event) => (event.position, Some(event)),
                    Err(ReadError::Malformed { position, .. }) => (position, None),
                    Err(error) => return Err(VerifyError::Read(error)),
                };
                self.after = row.0;
                self.page.push_back(row);
            }
        }
        Ok(self.page.pop_front())
    }
}
