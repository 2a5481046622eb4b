//! `chancery psql`.

use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::client_programs::{ClientPrograms, not_run};
use super::database::DatabaseArguments;
use super::failure::{Failure, end};
use super::reader::OpenedReader;

/// Flags of `psql`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery psql\n  chancery psql -- --command 'SELECT count(*) FROM events'\n  chancery psql -- --tuples-only --command 'TABLE ledger_head'"
)]
pub struct Arguments {
    #[command(flatten)]
    database: DatabaseArguments,

    /// What psql is told, after `--`
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Runs psql on the database until it ends, as the role that owns it.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let database = arguments.database.database()?;
    // At Ctrl-C it is psql that ends its query; this process waits for it.
    let _interrupt = signal(SignalKind::interrupt())?;
    let outcome = OpenedReader::run(&database, async |opened| {
        let programs = ClientPrograms::new(&opened.options, opened.bin_dir());
        let status = programs
            .command("psql")
            .args(&arguments.arguments)
            .status()
            .await
            .map_err(|error| not_run("psql", &error))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        code.map(ExitCode::from)
            .ok_or_else(|| Failure::Other(format!("psql ended with {status}")))
    });
    Ok(end(outcome.await))
}
