//! `chancery ledger`.

use std::process::ExitCode;

use chancery_ledger::{Ledger, Position, VerifyError};
use clap::{Args, Subcommand};
use serde_json::json;

use super::database::DatabaseArguments;
use super::projections::progress_bar;
use crate::app::Opened;

/// Flags of `ledger`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery ledger verify\n  chancery ledger verify --from 1000000 --json"
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
    /// Recompute the hash chain; names the first bad position
    Verify {
        /// First position to check; the hash before it is taken for granted
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
        from: i64,
        /// Last position to check [default: the last one there is]
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
        to: Option<i64>,
    },
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let opened = Opened::open(&arguments.database.database()?).await?;
    let Command::Verify { from, to } = arguments.command;
    let result = verify(&opened.ledger, from, to, arguments.json).await;
    opened.close().await?;
    result
}

async fn verify(
    ledger: &Ledger,
    from: i64,
    to: Option<i64>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let bar = progress_bar("ledger")?;
    let last = to.unwrap_or(ledger.head().0);
    bar.set_length(u64::try_from(last).unwrap_or_default());
    let range = Position(from)..=Position(to.unwrap_or(i64::MAX));
    let result = ledger
        .verify(range, |position| {
            bar.set_position(u64::try_from(position.0).unwrap_or_default());
        })
        .await;
    bar.finish_and_clear();
    match result {
        Ok(verified) => {
            let hash = hex::encode(verified.hash);
            if json {
                let line = json!({"ok": true, "events": verified.events, "last": verified.last.0, "hash": hash});
                println!("{line}");
            } else {
                println!(
                    "{} events are intact, up to position {} with hash {hash}",
                    verified.events, verified.last
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(VerifyError::Bad { position, fault }) => {
            if json {
                let line = json!({"ok": false, "position": position.0, "fault": fault.to_string()});
                println!("{line}");
            } else {
                println!("NOT intact. First bad position: {position}. {fault}.");
            }
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}
