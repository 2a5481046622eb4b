//! `chancery audit`: what happened, what was true then, and whether anyone touched the record.

mod checkpoint;
mod export;
mod filter;
mod follow;
mod list;
mod output;
mod patch;
mod prove;
mod replay;
mod replay_all;
mod row;
mod show;
mod stream_name;
mod verify;
mod verify_file;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::database::DatabaseArguments;
use super::failure::end;
use crate::config::Database;
use crate::signing_key::SigningKeyFile;

pub use verify::read_checkpoint;

const AFTER_HELP: &str = "\
Examples:
  chancery audit list --actor ada --from 1h
  chancery audit follow --event oauth2_grant/exchange_refused
  chancery audit show 1234
  chancery audit replay oauth2_app/5a0c... --at 2026-01-31T12:00:00Z
  chancery audit replay oauth2_app/5a0c... --steps
  chancery audit replay --all --at 1234
  chancery audit export log.jsonl && chancery audit verify log.jsonl --checkpoint kept.note
  chancery audit verify

A MOMENT is a position (1234), a time (2026-01-31T12:00:00Z), a date (2026-01-31, its first instant in UTC), or how long ago (1h, 2d).
A STREAM is <aggregate type>/<id>, as `list` prints it; of users, organizations and groups also by name (user/ada).
Reading commands need no more than SELECT on events, ledger_head, ledger_checkpoints, ledger_signing_keys and
ledger_tiles.

Exit status:
  0  done; with verify: intact
  1  any other failure
  2  the command line is wrong
  3  there is no database, it cannot be reached, or it holds no ledger
  4  there is no such stream, type, position or time
  5  the log, the event or the proof was altered
  6  a file is damaged or cut off
  7  a file is no export, checkpoint or proof of a ledger
  8  intact, but nothing that the given public key vouches for
 10  intact, but nobody signs the log";

const ROTATE_KEY_AFTER_HELP: &str = "\
Examples:
  chancery audit rotate-key
  chancery audit rotate-key --database-url postgres://chancery@db/chancery --signing-key-file /etc/chancery/signing-key.pem
  chancery audit checkpoint --keys   # the public keys after it: keep them elsewhere

The old key signs what is not signed yet, and endorses the new one, which takes its place in the file. A server that is
running goes on with the new key at its next checkpoint.";

/// Flags of `audit`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    database: DatabaseArguments,

    /// File of the key that signs checkpoints [default: in the data directory]
    #[arg(
        long,
        env = "CHANCERY_SIGNING_KEY_FILE",
        value_name = "FILE",
        global = true,
        help_heading = "Database"
    )]
    signing_key_file: Option<PathBuf>,

    #[command(flatten)]
    output: output::OutputArguments,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List events, newest first
    List(list::Arguments),
    /// Print events as they are recorded, until interrupted
    Follow(follow::Arguments),
    /// Show one event: decoded, with its changes, what it belongs to and its neighbours
    Show(show::Arguments),
    /// Show what was true at a moment: of one stream, or with --all of everything
    Replay(replay::Arguments),
    /// Write the log, or a range of it, to a file that can be verified without the database
    Export(export::Arguments),
    /// Verify the log, or a file: an export, a checkpoint or a proof
    Verify(verify::Arguments),
    /// Prove that one event is in the log, against a signed checkpoint
    Prove(prove::Arguments),
    /// Verify what is new, sign it, and print the checkpoint: keep it elsewhere
    Checkpoint(checkpoint::Arguments),
    /// Put a new signing key in force, endorsed by the old one
    #[command(after_help = ROTATE_KEY_AFTER_HELP)]
    RotateKey,
}

/// Where the commands find things.
struct Place {
    database: Database,
    key: Option<SigningKeyFile>,
    /// Whether the key's file is this database's beyond doubt.
    is_key_of_database: bool,
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let set = arguments.signing_key_file;
    let is_set = set.is_some();
    let file = arguments.database.signing_key_file(set);
    let database = arguments.database.database()?;
    let place = Place {
        key: SigningKeyFile::of(&database, file.as_deref()),
        is_key_of_database: is_set || matches!(database, Database::Embedded { .. }),
        database,
    };
    let output = arguments.output;
    let outcome = match arguments.command {
        Command::List(arguments) => list::run(&place, &output, arguments).await,
        Command::Follow(arguments) => follow::run(&place, &output, arguments).await,
        Command::Show(arguments) => show::run(&place, &output, arguments).await,
        Command::Replay(arguments) => replay::run(&place, &output, arguments).await,
        Command::Export(arguments) => export::run(&place, &output, arguments).await,
        Command::Verify(arguments) => verify::run(&place, &output, arguments).await,
        Command::Prove(arguments) => prove::run(&place, arguments).await,
        Command::Checkpoint(arguments) => checkpoint::run(&place, arguments).await,
        Command::RotateKey => checkpoint::rotate(&place).await,
    };
    Ok(end(outcome.map(|()| ExitCode::SUCCESS)))
}
