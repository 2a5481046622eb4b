//! Verifying that live tables are what the log says: rebuild beside them and compare row by row.

use chancery_ledger::Position;
use futures::TryStreamExt;
use sqlx::{Connection, Executor, PgConnection};

use super::error::RebuildError;
use super::projection::ProjectionName;
use super::rebuild::{Meter, Progress};
use super::shadow::{self, Context, Shadow};
use super::{checkpoint, connection, schema};

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The position at which live and rebuilt tables were compared.
    pub position: Position,
    /// Tables compared.
    pub tables: usize,
    /// Rows compared, over all tables, up to the first difference.
    pub rows: u64,
    /// The first difference; `None` when every row is byte-equal.
    pub difference: Option<Difference>,
}

/// A row that differs. Rows are in PostgreSQL's text form of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// The row of the live table; `None` when it has no more.
    pub live: Option<String>,
    /// The row of the rebuilt table; `None` when it has no more.
    pub rebuilt: Option<String>,
}

/// What became of a verification.
pub(super) type Outcome = (ProjectionName, Result<Comparison, RebuildError>);

/// Rebuilds projections into shadow schemas, in one pass over the log, and compares each with its live tables. Those that
/// cannot be compared hold no other back. An error: nothing was begun.
pub(super) async fn run(
    contexts: Vec<Context>,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Vec<Outcome>, RebuildError> {
    let meter = Meter::start();
    let mut until: Option<Position> = None;
    for context in &contexts {
        let at = live_position(context).await?;
        until = Some(until.map_or(at, |until| until.min(at)));
    }
    let Some(until) = until else {
        return Ok(Vec::new());
    };
    let shadows = shadow::prepare(contexts).await?;
    let filled = shadow::fill(shadows, until, |position| {
        progress(meter.at(position, until));
    })
    .await;
    let mut outcomes = Vec::with_capacity(filled.len());
    for (name, filled) in filled {
        let outcome = match filled {
            Ok(mut shadow) => {
                let outcome = compare(&mut shadow).await;
                shadow.discard().await;
                outcome
            }
            Err(error) => Err(error),
        };
        outcomes.push((name, outcome));
    }
    Ok(outcomes)
}

/// Where the live tables stand, if they are of the program's version.
async fn live_position(context: &Context) -> Result<Position, RebuildError> {
    let name = context.projection.name();
    let mut connection = connection::open(&context.options, &schema::live(name)).await?;
    let live = checkpoint::live(&mut connection, name)
        .await?
        .ok_or(RebuildError::NoTables(name))?;
    connection.close().await?;
    if live.version() == context.projection.version() {
        return Ok(live.position());
    }
    Err(RebuildError::OtherVersion {
        name,
        live: live.version(),
        program: context.projection.version(),
    })
}

/// Brings the shadow to the live checkpoint's position and compares. The live tables are read in one snapshot together
/// with their checkpoint, so that followers go on meanwhile.
async fn compare(shadow: &mut Shadow) -> Result<Comparison, RebuildError> {
    let name = shadow.context.projection.name();
    let mut live = connection::open(&shadow.context.options, &schema::live(name)).await?;
    let near = checkpoint::live(&mut live, name)
        .await?
        .ok_or(RebuildError::NoTables(name))?
        .position();
    shadow.catch_up(near).await?;

    let mut snapshot = live.begin().await?;
    snapshot
        .execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    snapshot
        .execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        .await?;
    let at = checkpoint::live(&mut snapshot, name)
        .await?
        .ok_or(RebuildError::NoTables(name))?
        .position();
    shadow.catch_up(at).await?;

    let tables = schema::tables(&mut snapshot, &schema::live(name)).await?;
    let mut verified = Comparison {
        position: at,
        tables: tables.len(),
        rows: 0,
        difference: None,
    };
    for table in tables {
        let queries = [
            schema::rows_as_text(&schema::live(name), &table),
            schema::rows_as_text(&schema::shadow(name), &table),
        ];
        let difference = compare_table(
            &mut snapshot,
            &mut shadow.connection,
            &queries,
            &mut verified.rows,
        )
        .await?;
        if let Some((live, rebuilt)) = difference {
            verified.difference = Some(Difference {
                table,
                live,
                rebuilt,
            });
            break;
        }
    }
    Ok(verified)
}

/// The first pair of rows that differ.
async fn compare_table(
    live: &mut PgConnection,
    rebuilt: &mut PgConnection,
    [live_query, rebuilt_query]: &[String; 2],
    rows: &mut u64,
) -> Result<Option<(Option<String>, Option<String>)>, sqlx::Error> {
    let mut live = sqlx::query_scalar::<_, String>(live_query).fetch(live);
    let mut rebuilt = sqlx::query_scalar::<_, String>(rebuilt_query).fetch(rebuilt);
    loop {
        let pair = (live.try_next().await?, rebuilt.try_next().await?);
        match pair {
            (None, None) => return Ok(None),
            (one, other) if one == other => *rows += 1,
            different => return Ok(Some(different)),
        }
    }
}
