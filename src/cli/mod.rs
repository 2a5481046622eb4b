//! The command line.

mod audit;
mod backup;
mod client_programs;
mod config;
mod database;
mod failure;
mod generate;
mod logging;
mod moment;
mod openapi;
mod progress;
mod projections;
mod psql;
mod reader;
mod serve;
mod settings;
mod terminal;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use chancery_ledger::Causes;
use clap::{CommandFactory, Parser, Subcommand};

use crate::version::BUILD_VERSION;

/// The program's commands.
#[derive(Debug, Parser)]
#[command(
    name = "chancery",
    version = BUILD_VERSION,
    about = "An event-sourced OAuth 2.1 authorization server and identity control plane.",
    after_help = "Examples:\n  chancery serve\n  chancery serve --http-address 0.0.0.0:3000 --access-url https://id.example.com\n  \
                  chancery projections status\n  chancery audit list\n  chancery audit verify"
)]
struct Cli {
    /// File of settings, a line NAME=VALUE each, as `CHANCERY_CONFIG` also names it [default: /etc/chancery/chancery.env, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<serve::Arguments>),
    /// Look after the read models.
    Projections(projections::Arguments),
    /// Look into the record of events: list, follow, show, replay, export, verify, prove.
    Audit(Box<audit::Arguments>),
    /// Write the record, and all that cannot be made from it, to a file.
    Backup(backup::BackupArguments),
    /// Restore a backup into an empty database, and verify it.
    Restore(backup::RestoreArguments),
    /// Run psql on the database.
    Psql(psql::Arguments),
    /// Look into the settings.
    Config(config::Arguments),
    /// Print what a shell needs to complete commands.
    Completions(generate::CompletionsArguments),
    /// Write man pages.
    Man(generate::ManArguments),
    /// Make a user, or give one another password, on the data itself.
    User(user::Arguments),
    /// Print the description of the API (OpenAPI 3.1, JSON).
    #[command(
        after_help = "Examples:\n  chancery openapi > openapi.json\n  chancery openapi | jq '.paths | keys'"
    )]
    Openapi,
}

/// As of a wrong command line.
const WRONG_SETTINGS: u8 = 2;

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let given = std::env::args_os().collect();
    let cli = match settings::arguments(&Cli::command(), given) {
        Ok(arguments) => Cli::parse_from(arguments),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(WRONG_SETTINGS);
        }
    };
    let result = match cli.command {
        Command::Serve(arguments) => block_on(serve::run(*arguments)),
        Command::Projections(arguments) => block_on(projections::run(arguments)),
        Command::Audit(arguments) => block_on(audit::run(*arguments)),
        Command::Backup(arguments) => block_on(backup::backup(arguments)),
        Command::Restore(arguments) => block_on(backup::restore(arguments)),
        Command::Psql(arguments) => block_on(psql::run(arguments)),
        Command::Config(arguments) => block_on(config::run(arguments)),
        Command::Completions(arguments) => {
            generate::completions(&arguments);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man(arguments) => generate::man(&arguments).map(|()| ExitCode::SUCCESS),
        Command::User(arguments) => block_on(user::run(arguments)),
        Command::Openapi => openapi::run().map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!(
            "error: {}",
            terminal::clean_lines(&Causes(&*error).to_string())
        );
        ExitCode::FAILURE
    })
}

fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_command_has_examples_that_call_it() {
        fn walk(command: &clap::Command, name: &str, seen: &mut Vec<String>) {
            let help = command.get_after_help().map(ToString::to_string);
            let examples = help.as_deref().unwrap_or_default();
            let calls_it = examples.lines().any(|line| line.contains(name));
            assert!(
                examples.starts_with("Examples:\n") && calls_it,
                "`{name} --help` has no example: {examples}"
            );
            for command in command.get_subcommands() {
                walk(command, &format!("{name} {}", command.get_name()), seen);
            }
            seen.push(name.to_owned());
        }
        let mut seen = Vec::new();
        walk(&Cli::command(), "chancery", &mut seen);
        for name in [
            "chancery audit rotate-key",
            "chancery projections reset-error",
            "chancery user reset-password",
        ] {
            assert!(seen.iter().any(|command| command == name), "{seen:?}");
        }
    }
}
