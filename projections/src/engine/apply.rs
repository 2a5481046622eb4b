//! Applying events and advancing the checkpoint in one transaction, and finding the event that cannot be applied.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use chancery_ledger::{Point, RecordedEvent};
use futures::FutureExt;
use sqlx::{Connection, PgConnection};

use super::checkpoint;
use super::error::ApplyError;
use super::projection::Projection;

/// Which checkpoint row moves along.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// The live row, which must stand at `from`.
    Live {
        /// Where this process last saw the row.
        from: Point,
    },
    /// The row of a rebuild, which its advisory lock guards.
    Rebuild,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Applied and committed.
    Applied,
    /// Not applied: the checkpoint row is not where this process left it, or the log does not have these events.
    Moved,
}

/// Why a batch was not applied to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// Trying again may help.
    Transient(ApplyError),
    /// One event cannot be applied; everything before it was applied, up to `applied` in the live slot.
    Poison {
        event: Arc<RecordedEvent>,
        applied: Point,
        message: String,
    },
}

/// Applies events of a batch that ends at `to`. When it fails, halves the batch until the event at fault stands alone,
/// so that everything before it is applied and it can be named.
pub(super) async fn batch(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    slot: Slot,
    events: &[Arc<RecordedEvent>],
    to: Point,
) -> Result<Outcome, Failure> {
    let mut slot = slot;
    let mut applied = match slot {
        Slot::Live { from } => from,
        Slot::Rebuild => Point::START,
    };
    let mut rest = events;
    let mut size = rest.len().max(1);
    loop {
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        let reached = match chunk.last() {
            Some(last) if !after.is_empty() => last.point(),
            _ => to,
        };
        match once(connection, projection, slot, chunk, reached).await {
            Ok(Outcome::Moved) => return Ok(Outcome::Moved),
            Ok(Outcome::Applied) if after.is_empty() => return Ok(Outcome::Applied),
            Ok(Outcome::Applied) => {
                rest = after;
                applied = reached;
                if let Slot::Live { from } = &mut slot {
                    *from = reached;
                }
            }
            Err(error) if error.is_transient() => return Err(Failure::Transient(error)),
            Err(error) => match chunk {
                [] => return Err(Failure::Transient(error)),
                [event] => {
                    return Err(Failure::Poison {
                        event: Arc::clone(event),
                        applied,
                        message: error.to_string(),
                    });
                }
                _ => size = chunk.len() / 2,
            },
        }
    }
}

async fn once(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    slot: Slot,
    events: &[Arc<RecordedEvent>],
    to: Point,
) -> Result<Outcome, ApplyError> {
    let (name, version) = (projection.name(), projection.version());
    let mut transaction = connection.begin().await?;
    match slot {
        Slot::Live { from } => {
            if !checkpoint::advance_live(&mut transaction, name, version, from, to).await? {
                transaction.rollback().await?;
                return Ok(Outcome::Moved);
            }
        }
        Slot::Rebuild => checkpoint::put_rebuild(&mut transaction, name, version, to).await?,
    }
    within(projection, events, &mut transaction).await?;
    transaction.commit().await?;
    Ok(Outcome::Applied)
}

/// Applies events within a transaction of the caller. A panic of the projection is an event it cannot apply.
pub(super) async fn within(
    projection: &dyn Projection,
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let Some(first) = events.first() else {
        return Ok(());
    };
    AssertUnwindSafe(projection.apply(events, connection))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(ApplyError::event(first, "the projection panicked")))
}
