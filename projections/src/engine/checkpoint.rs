//! The checkpoint rows (`projection_checkpoints`, migration 0003).

use chancery_ledger::Position;
use sqlx::{FromRow, PgConnection};

use super::error::event_name;
use super::projection::ProjectionName;
use chancery_ledger::RecordedEvent;

/// A checkpoint row.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Checkpoint {
    version: i32,
    position: i64,
    state: String,
}

impl Checkpoint {
    pub(super) fn version(&self) -> i32 {
        self.version
    }

    pub(super) fn position(&self) -> Position {
        Position(self.position)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state == "stopped"
    }
}

/// Reads the live row; `None` when the projection has no tables yet.
pub(super) async fn live(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    sqlx::query_as(
        "SELECT version, position, state FROM public.projection_checkpoints WHERE name = $1 AND slot = 'live'",
    )
    .bind(name.as_str())
    .fetch_optional(connection)
    .await
}

/// Reads and locks the live row: no follower applies until the transaction ends.
pub(super) async fn lock_live(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    sqlx::query_as(
        "SELECT version, position, state FROM public.projection_checkpoints \
         WHERE name = $1 AND slot = 'live' FOR UPDATE",
    )
    .bind(name.as_str())
    .fetch_optional(connection)
    .await
}

/// Inserts the live row of new, empty tables.
pub(super) async fn insert_live(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO public.projection_checkpoints (name, slot, version, position, state) \
         VALUES ($1, 'live', $2, 0, 'following')",
    )
    .bind(name.as_str())
    .bind(version)
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks the live row and moves it from one position to the next in the same statement. `false` when it is not
/// where the caller left it: another replica applied, a rebuild swapped, or the projection was stopped.
pub(super) async fn advance_live(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
    from: Position,
    to: Position,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE public.projection_checkpoints SET position = $4, updated_at = now() \
         WHERE name = $1 AND slot = 'live' AND version = $2 AND position = $3 AND state = 'following'",
    )
    .bind(name.as_str())
    .bind(version)
    .bind(from.0)
    .bind(to.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records that the projection stopped at an event, if its row is still where the caller left it.
pub(super) async fn stop_live(
    connection: &mut PgConnection,
    name: ProjectionName,
    at: Position,
    event: &RecordedEvent,
    message: &str,
) -> Result<(), sqlx::Error> {
    stop_live_at(
        connection,
        name,
        at,
        event.position,
        &event_name(event),
        message,
    )
    .await
}

/// As [`stop_live`], with the event's name and position given.
pub(super) async fn stop_live_at(
    connection: &mut PgConnection,
    name: ProjectionName,
    at: Position,
    error_position: Position,
    error_event: &str,
    message: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE public.projection_checkpoints \
         SET state = 'stopped', error = $3, error_position = $4, error_event = $5, updated_at = now() \
         WHERE name = $1 AND slot = 'live' AND position = $2",
    )
    .bind(name.as_str())
    .bind(at.0)
    .bind(message)
    .bind(error_position.0)
    .bind(error_event)
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets a stopped projection follow again; `false` when it was not stopped.
pub(super) async fn reset_live(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE public.projection_checkpoints \
         SET state = 'following', error = NULL, error_position = NULL, error_event = NULL, updated_at = now() \
         WHERE name = $1 AND slot = 'live' AND state = 'stopped'",
    )
    .bind(name.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes the live row say what was rebuilt, and removes the rebuild's row. Within the swap's transaction.
pub(super) async fn swap(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
    position: Position,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE public.projection_checkpoints \
         SET version = $2, position = $3, state = 'following', \
             error = NULL, error_position = NULL, error_event = NULL, updated_at = now() \
         WHERE name = $1 AND slot = 'live'",
    )
    .bind(name.as_str())
    .bind(version)
    .bind(position.0)
    .execute(&mut *connection)
    .await?;
    remove_rebuild(connection, name).await
}

/// Writes the rebuild's row.
pub(super) async fn put_rebuild(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
    position: Position,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO public.projection_checkpoints (name, slot, version, position, state) \
         VALUES ($1, 'rebuild', $2, $3, 'following') \
         ON CONFLICT (name, slot) DO UPDATE \
         SET version = excluded.version, position = excluded.position, updated_at = now()",
    )
    .bind(name.as_str())
    .bind(version)
    .bind(position.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes the rebuild's row.
pub(super) async fn remove_rebuild(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM public.projection_checkpoints WHERE name = $1 AND slot = 'rebuild'")
        .bind(name.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
