//! `chancery config`.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches, Subcommand};

use super::Cli;
use super::database::DatabaseArguments;
use super::failure::{Failure, end};
use super::reader::expect_reachable;
use super::{settings, terminal};
use crate::signing_key::SigningKeyFile;

const AFTER_HELP: &str = "\
Examples:
  chancery config check
  chancery config check --config /etc/chancery/chancery.env";

const CHECK_AFTER_HELP: &str = "\
Examples:
  chancery config check
  chancery config check --config new.env && mv new.env /etc/chancery/chancery.env

Prints every setting of `chancery serve` that is not its default, and where it is from: secrets without their values. Then looks
whether the database of a URL answers, and whether the signing key, if there is one, can be used.

Exit status: 0 fine, 2 a setting is wrong, 3 the database cannot be reached, 1 anything else.";

/// Flags of `config`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the settings of the server, and start nothing
    #[command(after_help = CHECK_AFTER_HELP)]
    Check {
        /// Flags of `chancery serve`, to be checked as well
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "FLAG"
        )]
        flags: Vec<OsString>,
    },
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let ConfigCommand::Check { flags } = arguments.command;
    let outcome = check(flags).await;
    Ok(end(outcome.map(|()| ExitCode::SUCCESS)))
}

async fn check(flags: Vec<OsString>) -> Result<(), Failure> {
    let cli = Cli::command();
    let mut given = vec!["chancery".into(), "serve".into()];
    given.extend(flags);
    // The file that was named for this command is the one that is checked.
    let file = settings::named_file(&std::env::args_os().collect::<Vec<_>>());
    let given = settings::arguments_with(&cli, given, file)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let matches = cli.clone().try_get_matches_from(given);
    let matches = matches.map_err(|error| of_clap(&error))?;
    let (Some(serve), Some((_, matches))) = (cli.find_subcommand("serve"), matches.subcommand())
    else {
        return Err(Failure::Other("there is no command serve".to_owned()));
    };
    print_set(serve, matches)?;
    let arguments =
        DatabaseArguments::from_arg_matches(matches).map_err(|error| of_clap(&error))?;
    let set = matches.get_one::<PathBuf>("signing_key_file").cloned();
    let key = arguments.signing_key_file(set);
    let other = |error: anyhow::Error| Failure::Other(error.to_string());
    let database = arguments.database().map_err(other)?;
    if let Some(key) = SigningKeyFile::of(&database, key.as_deref()) {
        key.load()?;
    }
    expect_reachable(&database).await?;
    writeln!(terminal::stdout(), "ok")?;
    Ok(())
}

/// What is wrong with a setting, in one line.
fn of_clap(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    Failure::Usage(line.trim_start_matches("error: ").to_owned())
}

/// Prints the settings that are not the defaults, a line each.
fn print_set(command: &Command, matches: &ArgMatches) -> Result<(), Failure> {
    let mut out = terminal::stdout();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let place = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "flag or file",
            Some(ValueSource::EnvVariable) => "environment",
            _ => continue,
        };
        let Some(name) = argument.get_env().and_then(|name| name.to_str()) else {
            continue;
        };
        let value = if argument.is_hide_env_values_set() {
            "(hidden)".to_owned()
        } else {
            let values = matches.get_raw(id).into_iter().flatten();
            let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
            values.join(",")
        };
        writeln!(out, "{name}={value}   # {place}")?;
    }
    Ok(())
}
