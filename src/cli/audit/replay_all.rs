//! The whole deployment as of a position.

use std::io::Write;

use chancery_ledger::Position;
use chancery_projections::{ReplayAllError, SchemaName, dump_schema, replay_all};
use serde_json::json;

use super::output::OutputArguments;
use crate::cli::failure::Failure;
use crate::cli::progress::progress_bar;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, json_line};

/// What to make.
pub struct Plan {
    /// As of this position.
    pub at: Position,
    /// Where.
    pub schema: Option<String>,
    /// In place of one of this name.
    pub replace: bool,
}

impl From<ReplayAllError> for Failure {
    fn from(error: ReplayAllError) -> Self {
        match error {
            ReplayAllError::Event {
                position, message, ..
            } => Self::Unreadable {
                position,
                reason: message,
            },
            ReplayAllError::Read(error) => error.into(),
            ReplayAllError::Database(error) => Self::Database(error),
            ReplayAllError::Exists(_) | ReplayAllError::Busy(_) => Self::Other(error.to_string()),
        }
    }
}

/// Makes it, and with JSON prints and removes it.
pub async fn run(
    opened: &OpenedReader,
    output: &OutputArguments,
    plan: Plan,
) -> Result<(), Failure> {
    let at = plan.at;
    let dump = output.is_json() && plan.schema.is_none();
    let name = plan.schema.unwrap_or_else(|| {
        if dump {
            format!("as_of_{at}_dump")
        } else {
            format!("as_of_{at}")
        }
    });
    let schema: SchemaName = name
        .parse()
        .map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
    let bar = progress_bar("replay")?;
    bar.set_length(u64::try_from(at.0).unwrap_or_default());
    let mut rate = 0.0;
    let replace = plan.replace || dump;
    let outcome = replay_all(
        &opened.reader,
        &opened.options,
        &schema,
        at,
        replace,
        |progress| {
            rate = progress.events_per_second;
            bar.set_position(u64::try_from(progress.position.0).unwrap_or_default());
        },
    );
    let outcome = outcome.await;
    bar.finish_and_clear();
    let tables = outcome?;
    let mut out = std::io::BufWriter::new(terminal::stdout());
    if dump {
        return print(opened, &schema, &mut out).await;
    }
    if output.is_json() {
        let value = json!({"schema": schema.as_str(), "position": at, "tables": tables, "events_per_second": rate});
        json_line(&mut out, &value)?;
    } else {
        writeln!(
            out,
            "{tables} tables as of position {at} are in schema {schema} ({rate:.0} events/s)"
        )?;
        writeln!(
            out,
            "  look:   chancery psql -- -c 'SELECT * FROM {schema}.users'"
        )?;
        writeln!(
            out,
            "  remove: chancery psql -- -c 'DROP SCHEMA {schema} CASCADE'"
        )?;
    }
    Ok(out.flush()?)
}

async fn print(
    opened: &OpenedReader,
    schema: &SchemaName,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let printed = dump_schema(&opened.options, schema, |table, row| {
        writeln!(out, "{{\"table\":\"{table}\",\"row\":{row}}}")
    });
    printed.await?.map_err(Failure::Output)?;
    Ok(out.flush()?)
}
