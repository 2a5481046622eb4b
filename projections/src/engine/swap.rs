//! The swap of a rebuilt projection: one short transaction.

use chancery_ledger::Position;
use sqlx::{Connection, Executor};

use super::error::RebuildError;
use super::projection::relevant;
use super::shadow::Shadow;
use super::{apply, checkpoint, schema};

/// Locks the live checkpoint row, which holds every follower back; applies what the shadow still lacks; renames the
/// schemas and moves the checkpoint. Queries are never blocked: a rename takes no lock on tables.
///
/// `None` when an event among the rest cannot be applied: catching up again will meet and name it.
pub(super) async fn swap(shadow: &mut Shadow) -> Result<Option<Position>, RebuildError> {
    let context = &shadow.context;
    let projection = &*context.projection;
    let name = projection.name();
    let mut transaction = shadow.connection.begin().await?;
    transaction
        .execute("SET LOCAL synchronous_commit = on")
        .await?;
    let live = checkpoint::lock_live(&mut transaction, name)
        .await?
        .ok_or(RebuildError::NoTables(name))?;
    let until = live.position().max(context.ledger.head());
    let mut position = shadow.position;
    while position < until {
        let batch = context.ledger.read(position, context.batch).await?;
        let Some(last) = batch.last().map(|event| event.position) else {
            break;
        };
        match apply::within(projection, &relevant(projection, &batch), &mut transaction).await {
            Ok(()) => position = last,
            Err(error) if error.is_transient() => {
                return match error {
                    super::ApplyError::Database(error) => Err(error.into()),
                    super::ApplyError::Event { .. } => Ok(None),
                };
            }
            Err(_) => return Ok(None),
        }
    }
    if position < live.position() {
        // This process has not heard of the newest events yet; it will have when it tries again.
        return Ok(None);
    }
    schema::swap(&mut transaction, name).await?;
    checkpoint::swap(&mut transaction, name, projection.version(), position).await?;
    transaction.commit().await?;
    shadow.position = position;
    Ok(Some(position))
}
