use std::io::Write;
use std::process::ExitCode;

use chancery_ledger::LedgerReader;
use chancery_projections::{ProjectionStatus, Projections};
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::terminal::{self, clean};
use crate::clock::Clock;
use crate::record::lag_seconds;

/// Shows how far each projection has followed the ledger.
pub async fn run(
    projections: &Projections,
    reader: &LedgerReader,
    json: bool,
) -> Result<ExitCode, Failure> {
    let now = Clock::system().now();
    let mut statuses = Vec::new();
    for status in projections.status().await? {
        let lag_seconds = lag_seconds(reader, &status, now).await?;
        statuses.push((status, lag_seconds));
    }
    let mut out = terminal::stdout();
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
                    clean(&error.event),
                    error.position,
                    clean(&error.message)
                )?;
            }
        }
    }
    let stopped = statuses.iter().any(|(status, _)| status.error.is_some());
    Ok(super::verdict(!stopped))
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
