//! What the engine shows of its projections.

use std::collections::HashMap;

use chancery_ledger::Position;
use sqlx::{FromRow, PgConnection};
use strum::IntoStaticStr;

use super::lock;
use super::projection::{Projection, ProjectionName};

/// A projection's state, for people and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// Up with the log, or nearly.
    Live,
    /// Applying a backlog.
    CatchingUp,
    /// A rebuild runs beside the live tables.
    Rebuilding,
    /// Stopped at an event that it cannot apply.
    Stopped,
}

impl State {
    /// The state's name: `live`, `catching_up`, `rebuilding` or `stopped`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The event at which a projection stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedAt {
    /// Its position.
    pub position: Position,
    /// `<aggregate type>/<event type>`.
    pub event: String,
    /// Why it cannot be applied.
    pub message: String,
}

/// How a projection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// The projection.
    pub name: ProjectionName,
    /// Version of the live tables; 0 when there are none yet. It differs from `program_version` until a rebuild's swap.
    pub version: i32,
    /// Version of this program's code.
    pub program_version: i32,
    /// The position that the live tables reflect.
    pub position: Position,
    /// Events recorded after that position, of whatever type.
    pub lag: i64,
    /// Its state.
    pub state: State,
    /// Where a running rebuild stands.
    pub rebuild: Option<Position>,
    /// Why it is stopped.
    pub error: Option<StoppedAt>,
}

#[derive(FromRow)]
struct Row {
    name: String,
    slot: String,
    version: i32,
    position: i64,
    error: Option<String>,
    error_position: Option<i64>,
    error_event: Option<String>,
}

/// A lag up to this many events is no backlog.
const NEAR: i64 = 1000;

/// Reads the status of the projections. `marks` are the positions of this process's followers, which may be ahead of
/// the checkpoint rows by events that do not concern the projection.
pub(super) async fn read(
    connection: &mut PgConnection,
    projections: impl Iterator<Item = (&dyn Projection, Option<Position>)>,
    head: Position,
) -> Result<Vec<ProjectionStatus>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT name, slot, version, position, error, error_position, error_event FROM public.projection_checkpoints",
    )
    .fetch_all(&mut *connection)
    .await?;
    let rows: HashMap<(&str, &str), &Row> = rows
        .iter()
        .map(|row| ((row.name.as_str(), row.slot.as_str()), row))
        .collect();
    let projections: Vec<_> = projections.collect();
    let names: Vec<&str> = projections
        .iter()
        .map(|(projection, _)| projection.name().as_str())
        .collect();
    let locked = lock::held(connection, &names).await?;

    let status = |(projection, mark): &(&dyn Projection, Option<Position>)| {
        let name = projection.name();
        let live = rows.get(&(name.as_str(), "live"));
        let rebuild = rows
            .get(&(name.as_str(), "rebuild"))
            .filter(|_| locked.iter().any(|locked| locked == name.as_str()))
            .map(|row| Position(row.position));
        let error = live.and_then(|row| {
            Some(StoppedAt {
                position: Position(row.error_position?),
                event: row.error_event.clone()?,
                message: row.error.clone()?,
            })
        });
        let version = live.map_or(0, |row| row.version);
        let stored = live.map_or(Position(0), |row| Position(row.position));
        let position = mark
            .filter(|_| error.is_none())
            .map_or(stored, |mark| mark.max(stored));
        let lag = (head.0 - position.0).max(0);
        let state = if error.is_some() {
            State::Stopped
        } else if rebuild.is_some() || version != projection.version() {
            State::Rebuilding
        } else if lag > NEAR {
            State::CatchingUp
        } else {
            State::Live
        };
        ProjectionStatus {
            name,
            version,
            program_version: projection.version(),
            position,
            lag,
            state,
            rebuild,
            error,
        }
    };
    Ok(projections.iter().map(status).collect())
}
