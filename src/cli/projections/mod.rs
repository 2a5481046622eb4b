//! `chancery projections`.

mod status;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use chancery_ledger::LedgerConfig;
use chancery_projections::{
    Comparison, Config, Progress, ProjectionName, Projections, RebuildError,
};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use serde_json::json;
use tokio::time::Instant;

use super::database::DatabaseArguments;
use super::failure::Failure;
use super::progress::progress_bar;
use super::reader;
use super::terminal::{self, clean, clean_lines};
use crate::app::Opened;
use crate::config::Database;

/// A PostgreSQL of our own gets so long to stop.
const CLOSED_WITHIN: Duration = Duration::from_mins(1);

const AFTER_HELP: &str = "\
Examples:
  chancery projections status
  chancery projections rebuild audit
  chancery projections verify --json

Exit status:
  0  done; with status: none is stopped; with verify: all are equal
  1  any other failure
  2  the command line is wrong
  3  there is no database, it cannot be reached, or it holds no ledger
  4  there is no such projection
  5  a projection is stopped, its tables are not what the events say, or an event cannot be applied
  9  another process rebuilds or verifies that projection";

const STATUS_AFTER_HELP: &str = "\
Examples:
  chancery projections status
  chancery projections status --json | jq '.[] | select(.error)'";

const REBUILD_AFTER_HELP: &str = "\
Examples:
  chancery projections rebuild
  chancery projections rebuild audit oauth2_grant

A rebuild that is cut off leaves the live tables as they were; the next starts over.";

const VERIFY_AFTER_HELP: &str = "\
Examples:
  chancery projections verify
  chancery projections verify user --json

Exit status 5 when a table differs: `chancery projections rebuild` makes it anew.";

const RESET_ERROR_AFTER_HELP: &str = "\
Examples:
  chancery projections reset-error
  chancery projections reset-error audit";

/// What `status` and `verify` end with when something is not as it should be.
const NOT_WELL: u8 = 5;

/// Flags of `projections`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    database: DatabaseArguments,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show how far each projection has followed the ledger
    #[command(after_help = STATUS_AFTER_HELP)]
    Status,
    /// Rebuild projections beside their live tables and swap; the server keeps serving
    #[command(after_help = REBUILD_AFTER_HELP)]
    Rebuild {
        /// Which ones [default: all]
        names: Vec<String>,
    },
    /// Rebuild projections beside their live tables and compare row by row; nothing is changed
    #[command(after_help = VERIFY_AFTER_HELP)]
    Verify {
        /// Which ones [default: all]
        names: Vec<String>,
    },
    /// Let a projection that an event stopped try that event again
    #[command(after_help = RESET_ERROR_AFTER_HELP)]
    ResetError {
        /// Which ones [default: all]
        names: Vec<String>,
    },
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let database = arguments.database.database()?;
    let outcome = run_on(&database, arguments.command, arguments.json).await;
    Ok(super::failure::end(outcome))
}

async fn run_on(database: &Database, command: Command, json: bool) -> Result<ExitCode, Failure> {
    // Where there is nothing, nothing is made: only the server does that.
    reader::expect_ledger(database).await?;
    let opened = Opened::open(database, LedgerConfig::default()).await?;
    let config = Config {
        follow: false,
        ..Config::default()
    };
    let projections =
        Projections::start(opened.ledger.clone(), opened.options.clone(), config).await?;
    let result = match command {
        Command::Status => status::run(&projections, &opened.ledger.reader(), json).await,
        Command::Rebuild { names } => rebuild(&projections, &names, json).await,
        Command::Verify { names } => verify(&projections, &names, json).await,
        Command::ResetError { names } => reset_error(&projections, &names, json).await,
    };
    projections.stop().await;
    opened.close(Instant::now() + CLOSED_WITHIN).await?;
    result
}

fn verdict(is_well: bool) -> ExitCode {
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_WELL)
    }
}

fn chosen(projections: &Projections, names: &[String]) -> Result<Vec<ProjectionName>, Failure> {
    if names.is_empty() {
        return Ok(projections.names().collect());
    }
    let known = || {
        let names: Vec<_> = projections.names().map(ProjectionName::as_str).collect();
        names.join(", ")
    };
    names
        .iter()
        .map(|name| {
            projections.named(name).ok_or_else(|| {
                let message = format!("there is no projection {name}; there are {}", known());
                Failure::NotFound(message)
            })
        })
        .collect()
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(u64::try_from(progress.head.0).unwrap_or_default());
    bar.set_position(u64::try_from(progress.position.0).unwrap_or_default());
}

async fn rebuild(
    projections: &Projections,
    names: &[String],
    json: bool,
) -> Result<ExitCode, Failure> {
    let bar = progress_bar("rebuild")?;
    let mut rate = 0.0;
    let outcomes = projections
        .rebuild_all(&chosen(projections, names)?, |progress| {
            rate = progress.events_per_second;
            show(&bar, &progress);
        })
        .await?;
    bar.finish_and_clear();
    let mut out = terminal::stdout();
    each(outcomes, json, |name, position| {
        if json {
            let line =
                json!({"name": name.as_str(), "position": position.0, "events_per_second": rate});
            writeln!(out, "{line}")
        } else {
            writeln!(
                out,
                "{name}: rebuilt up to position {position}, {rate:.0} events/s"
            )
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Tells of what was done with each projection. The last that failed is the command's failure.
fn each<T>(
    outcomes: Vec<(ProjectionName, Result<T, RebuildError>)>,
    json: bool,
    mut done: impl FnMut(ProjectionName, T) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let mut failure: Option<RebuildError> = None;
    for (name, outcome) in outcomes {
        match outcome {
            Ok(outcome) => done(name, outcome)?,
            Err(error) => {
                if json {
                    let line = json!({"name": name.as_str(), "error": error.to_string()});
                    writeln!(terminal::stdout(), "{line}")?;
                }
                if let Some(earlier) = failure.replace(error) {
                    writeln!(std::io::stderr(), "{}", clean_lines(&earlier.to_string()))?;
                }
            }
        }
    }
    failure.map_or(Ok(()), |error| Err(error.into()))
}

async fn verify(
    projections: &Projections,
    names: &[String],
    json: bool,
) -> Result<ExitCode, Failure> {
    let bar = progress_bar("verify")?;
    let outcomes = projections
        .verify_all(&chosen(projections, names)?, |progress| {
            show(&bar, &progress);
        })
        .await?;
    bar.finish_and_clear();
    let mut equal = true;
    each(outcomes, json, |name, verified| {
        equal &= verified.difference.is_none();
        print_verified(name, &verified, json)
    })?;
    Ok(verdict(equal))
}

fn print_verified(name: ProjectionName, verified: &Comparison, json: bool) -> std::io::Result<()> {
    let mut out = terminal::stdout();
    if json {
        let difference = verified.difference.as_ref().map(|difference| {
            json!({
                "table": difference.table,
                "live": difference.live,
                "rebuilt": difference.rebuilt,
            })
        });
        let line = json!({
            "name": name.as_str(),
            "position": verified.position.0,
            "rows": verified.rows,
            "difference": difference,
        });
        return writeln!(out, "{line}");
    }
    let Some(difference) = &verified.difference else {
        return writeln!(
            out,
            "{name}: equal, {} rows in {} tables at position {}",
            verified.rows, verified.tables, verified.position
        );
    };
    let none = "no such row";
    writeln!(out, "{name}: DIFFERENT in table {}", difference.table)?;
    writeln!(
        out,
        "  live:    {}",
        clean(difference.live.as_deref().unwrap_or(none))
    )?;
    writeln!(
        out,
        "  rebuilt: {}",
        clean(difference.rebuilt.as_deref().unwrap_or(none))
    )
}

async fn reset_error(
    projections: &Projections,
    names: &[String],
    json: bool,
) -> Result<ExitCode, Failure> {
    let mut out = terminal::stdout();
    for name in chosen(projections, names)? {
        let reset = projections.reset_error(name).await?;
        if json {
            writeln!(out, "{}", json!({"name": name.as_str(), "reset": reset}))?;
        } else if reset {
            writeln!(out, "{name}: will try again")?;
        } else {
            writeln!(out, "{name}: was not stopped")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
