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
/// `None` when an event among the rest cannot be applied: catching up again will meet and name it. An error when the log does
/// not have what the shadow reflects.
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
    let mut point = shadow.point;
    while point.position < until {
        let batch = context.ledger.read(point.position, context.batch).await?;
        let Some(last) = batch.last().map(|event| event.point()) else {
            break;
        };
        match apply::within(projection, &relevant(projection, &batch), &mut transaction).await {
            Ok(()) => point = last,
            Err(error) if error.is_transient() => {
                return match error {
                    super::ApplyError::Database(error) => Err(error.into()),
                    super::ApplyError::Event { .. } => Ok(None),
                };
            }
            Err(_) => return Ok(None),
        }
    }
    schema::swap(&mut transaction, name).await?;
    if !checkpoint::swap(&mut transaction, name, projection.version(), point).await? {
        return Err(RebuildError::LostHistory(name));
    }
    transaction.commit().await?;
    shadow.point = point;
    Ok(Some(point.position))
}
