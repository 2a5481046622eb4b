//! The checkpoint rows (`projection_checkpoints`, migration 0003).

use chancery_ledger::{Point, Position};
use sqlx::{FromRow, PgConnection};

use super::projection::ProjectionName;

const LIVE: &str = include_str!("sql/live.sql");
const LOCK_LIVE: &str = include_str!("sql/lock_live.sql");
const STANDING: &str = include_str!("sql/standing.sql");
const INSERT_LIVE: &str = include_str!("sql/insert_live.sql");
const ADVANCE_LIVE: &str = include_str!("sql/advance_live.sql");
const STOP_LIVE: &str = include_str!("sql/stop_live.sql");
const RESET_LIVE: &str = include_str!("sql/reset_live.sql");
const SWAP_LIVE: &str = include_str!("sql/swap_live.sql");
const PUT_REBUILD: &str = include_str!("sql/put_rebuild.sql");
const REMOVE_REBUILD: &str = include_str!("sql/remove_rebuild.sql");

/// A checkpoint row.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Checkpoint {
    version: i32,
    position: i64,
    hash: [u8; 32],
    state: String,
}

impl Checkpoint {
    pub(super) fn version(&self) -> i32 {
        self.version
    }

    pub(super) fn point(&self) -> Point {
        Point {
            position: Position(self.position),
            hash: self.hash,
        }
    }

    pub(super) fn position(&self) -> Position {
        Position(self.position)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state == "stopped"
    }
}

/// The live row beside the log of the same moment.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Standing {
    #[sqlx(flatten)]
    pub(super) row: Checkpoint,
    hash_in_log: Option<[u8; 32]>,
    head: i64,
}

impl Standing {
    /// Where the log ends.
    pub(super) fn head(&self) -> Position {
        Position(self.head)
    }

    /// Whether the log has what the tables reflect. It has not when it lost history that the tables kept.
    pub(super) fn is_in_log(&self) -> bool {
        let point = self.row.point();
        point == Point::START || self.hash_in_log == Some(point.hash)
    }
}

/// Why a projection stopped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop<'a> {
    /// Where the event stands that cannot be applied.
    pub(super) position: Position,
    /// `<aggregate type>/<event type>`.
    pub(super) event: &'a str,
    /// Why it cannot.
    pub(super) message: &'a str,
}

/// Reads the live row; `None` when the projection has no tables yet.
pub(super) async fn live(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    sqlx::query_as(LIVE)
        .bind(name.as_str())
        .fetch_optional(connection)
        .await
}

/// Reads and locks the live row: no follower applies until the transaction ends.
pub(super) async fn lock_live(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    sqlx::query_as(LOCK_LIVE)
        .bind(name.as_str())
        .fetch_optional(connection)
        .await
}

/// Reads the live row beside the log.
pub(super) async fn standing(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<Standing, sqlx::Error> {
    sqlx::query_as(STANDING)
        .bind(name.as_str())
        .fetch_one(connection)
        .await
}

/// Inserts the live row of new, empty tables.
pub(super) async fn insert_live(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT_LIVE)
        .bind(name.as_str())
        .bind(version)
        .bind(Point::START.position.0)
        .bind(Point::START.hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Locks the live row and moves it from one point to the next in the same statement. `false` when it is not where the caller
/// left it (another replica applied, a rebuild swapped, or the projection was stopped), and when the log does not have
/// the next: it lost history that this process remembers.
pub(super) async fn advance_live(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
    from: Point,
    to: Point,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(ADVANCE_LIVE)
        .bind(name.as_str())
        .bind(version)
        .bind(from.position.0)
        .bind(from.hash)
        .bind(to.position.0)
        .bind(to.hash)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Records that the projection stopped at an event, if its row is still where the caller left it.
pub(super) async fn stop_live(
    connection: &mut PgConnection,
    name: ProjectionName,
    at: Point,
    stop: Stop<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query(STOP_LIVE)
        .bind(name.as_str())
        .bind(at.position.0)
        .bind(at.hash)
        .bind(stop.message)
        .bind(stop.position.0)
        .bind(stop.event)
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets a stopped projection follow again; `false` when it was not stopped.
pub(super) async fn reset_live(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(RESET_LIVE)
        .bind(name.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes the live row say what was rebuilt, and removes the rebuild's row; `false` when the log does not have the point.
/// Within the swap's transaction.
pub(super) async fn swap(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
    point: Point,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(SWAP_LIVE)
        .bind(name.as_str())
        .bind(version)
        .bind(point.position.0)
        .bind(point.hash)
        .execute(&mut *connection)
        .await?;
    remove_rebuild(connection, name).await?;
    Ok(done.rows_affected() == 1)
}

/// Writes the rebuild's row.
pub(super) async fn put_rebuild(
    connection: &mut PgConnection,
    name: ProjectionName,
    version: i32,
    point: Point,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_REBUILD)
        .bind(name.as_str())
        .bind(version)
        .bind(point.position.0)
        .bind(point.hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes the rebuild's row.
pub(super) async fn remove_rebuild(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<(), sqlx::Error> {
    sqlx::query(REMOVE_REBUILD)
        .bind(name.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
