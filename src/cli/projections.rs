//! `chancery projections`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use chancery_ledger::LedgerReader;
use chancery_projections::{Config, Progress, ProjectionName, ProjectionStatus, Projections};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::database::DatabaseArguments;
use crate::app::Opened;
use crate::clock::Clock;
use crate::record::lag_seconds;

/// Flags of `projections`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery projections status\n  chancery projections rebuild audit\n  chancery projections verify --json"
)]
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
    Status,
    /// Rebuild projections beside their live tables and swap; the server keeps serving
    Rebuild {
        /// Which ones [default: all]
        names: Vec<String>,
    },
    /// Rebuild projections beside their live tables and compare row by row; nothing is changed
    Verify {
        /// Which ones [default: all]
        names: Vec<String>,
    },
    /// Let a projection that an event stopped try that event again
    ResetError {
        /// Which ones [default: all]
        names: Vec<String>,
    },
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let opened = Opened::open(&arguments.database.database()?).await?;
    let config = Config {
        follow: false,
        ..Config::default()
    };
    let projections =
        Projections::start(opened.ledger.clone(), opened.options.clone(), config).await?;
    let result = match arguments.command {
        Command::Status => status(&projections, &opened.ledger.reader(), arguments.json).await,
        Command::Rebuild { names } => rebuild(&projections, &names, arguments.json).await,
        Command::Verify { names } => verify(&projections, &names, arguments.json).await,
        Command::ResetError { names } => reset_error(&projections, &names, arguments.json).await,
    };
    projections.stop().await;
    opened.close().await?;
    result
}

fn chosen(projections: &Projections, names: &[String]) -> anyhow::Result<Vec<ProjectionName>> {
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
                anyhow::anyhow!("there is no projection {name}; there are {}", known())
            })
        })
        .collect()
}

async fn status(
    projections: &Projections,
    reader: &LedgerReader,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let mut statuses = Vec::new();
    for status in projections.status().await? {
        let lag_seconds = lag_seconds(reader, &status, now).await?;
        statuses.push((status, lag_seconds));
    }
    let mut out = std::io::stdout().lock();
    if json {
        let statuses: Vec<_> = statuses
            .iter()
            .map(|(status, lag_seconds)| status_json(status, *lag_seconds))
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&statuses)?)?;
    } else {
        writeln!(
            out,
            "{:<14} {:<12} {:>10} {:>8} {:>10} {:>9}",
            "NAME", "STATE", "POSITION", "LAG", "LAG TIME", "VERSION"
        )?;
        for (status, lag_seconds) in &statuses {
            let lag_time = format!("{lag_seconds:.0} s");
            writeln!(
                out,
                "{:<14} {:<12} {:>10} {:>8} {:>10} {:>9}",
                status.name.as_str(),
                status.state.as_str(),
                status.position.0,
                status.lag,
                lag_time,
                version(status)
            )?;
            if let Some(position) = status.rebuild {
                writeln!(out, "  being rebuilt, up to position {position}")?;
            }
            if let Some(error) = &status.error {
                writeln!(
                    out,
                    "  stopped by {} at position {}: {}",
                    error.event, error.position, error.message
                )?;
            }
        }
    }
    let stopped = statuses.iter().any(|(status, _)| status.error.is_some());
    Ok(if stopped {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn version(status: &ProjectionStatus) -> String {
    if status.version == status.program_version {
        status.version.to_string()
    } else {
        format!("{}->{}", status.version, status.program_version)
    }
}

fn status_json(status: &ProjectionStatus, lag_seconds: f64) -> serde_json::Value {
    json!({
        "name": status.name.as_str(),
        "state": status.state.as_str(),
        "position": status.position.0,
        "lag": status.lag,
        "lag_seconds": lag_seconds,
        "version": status.version,
        "program_version": status.program_version,
        "rebuild_position": status.rebuild.map(|position| position.0),
        "error": status.error.as_ref().map(|error| json!({
            "position": error.position.0,
            "event": error.event,
            "message": error.message,
        })),
    })
}

/// A bar on a terminal; nothing elsewhere.
pub fn progress_bar(name: &str) -> anyhow::Result<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::with_draw_target(
            None,
            ProgressDrawTarget::hidden(),
        ));
    }
    let style = ProgressStyle::with_template(
        "{prefix:<14} {bar:30} {human_pos}/{human_len} {per_sec} {eta}",
    )?;
    let bar = ProgressBar::new(0)
        .with_style(style)
        .with_prefix(name.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(u64::try_from(progress.head.0).unwrap_or_default());
    bar.set_position(u64::try_from(progress.position.0).unwrap_or_default());
}

async fn rebuild(
    projections: &Projections,
    names: &[String],
    json: bool,
) -> anyhow::Result<ExitCode> {
    for name in chosen(projections, names)? {
        let bar = progress_bar(name.as_str())?;
        let mut rate = 0.0;
        let position = projections
            .rebuild(name, |progress| {
                rate = progress.events_per_second;
                show(&bar, &progress);
            })
            .await?;
        bar.finish_and_clear();
        if json {
            let line =
                json!({"name": name.as_str(), "position": position.0, "events_per_second": rate});
            println!("{line}");
        } else {
            println!("{name}: rebuilt up to position {position}, {rate:.0} events/s");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(
    projections: &Projections,
    names: &[String],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let mut equal = true;
    for name in chosen(projections, names)? {
        let bar = progress_bar(name.as_str())?;
        let verified = projections
            .verify(name, |progress| show(&bar, &progress))
            .await?;
        bar.finish_and_clear();
        equal &= verified.difference.is_none();
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
            println!("{line}");
        } else if let Some(difference) = &verified.difference {
            let none = "no such row";
            println!("{name}: DIFFERENT in table {}", difference.table);
            println!("  live:    {}", difference.live.as_deref().unwrap_or(none));
            println!(
                "  rebuilt: {}",
                difference.rebuilt.as_deref().unwrap_or(none)
            );
        } else {
            println!(
                "{name}: equal, {} rows in {} tables at position {}",
                verified.rows, verified.tables, verified.position
            );
        }
    }
    Ok(if equal {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn reset_error(
    projections: &Projections,
    names: &[String],
    json: bool,
) -> anyhow::Result<ExitCode> {
    for name in chosen(projections, names)? {
        let reset = projections.reset_error(name).await?;
        if json {
            println!("{}", json!({"name": name.as_str(), "reset": reset}));
        } else if reset {
            println!("{name}: will try again");
        } else {
            println!("{name}: was not stopped");
        }
    }
    Ok(ExitCode::SUCCESS)
}
