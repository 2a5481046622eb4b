use std::io::Write;
use std::path::PathBuf;

use chancery_ledger::{Checkpoints, LedgerReader, Position, SigningKey};
use clap::Args;
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::Place;
use super::verify::read_checkpoint;
use crate::app::checkpoints::{SignError, key_in_force, sign};
use crate::cli::failure::Failure;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, json_line};
use crate::clock::Clock;
use crate::randomness::Randomness;
use crate::signing_key::SigningKeyFile;

const NONE: &str = "there is no checkpoint";

/// Flags of `checkpoint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit checkpoint > kept.note\n  chancery audit checkpoint --extends kept.note > later.note\n  chancery audit checkpoint --list\n  chancery audit checkpoint --keys"
)]
pub struct Arguments {
    /// Make none; print those there are, oldest first
    #[arg(long, conflicts_with = "keys")]
    list: bool,

    /// Make none; print the public keys, oldest first
    #[arg(long)]
    keys: bool,

    /// Make none; print the last there is, once it is proved that it covers all that this one does
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "keys"])]
    extends: Option<PathBuf>,
}

/// Runs `checkpoint`.
pub async fn run(place: &Place, arguments: Arguments) -> Result<(), Failure> {
    OpenedReader::run(&place.database, async |opened| {
        let mut out = terminal::stdout();
        if arguments.list {
            for checkpoint in opened
                .reader
                .checkpoints(Position::START, usize::MAX)
                .await?
            {
                json_line(&mut out, &checkpoint)?;
            }
            return Ok(());
        }
        if arguments.keys {
            for key in opened.reader.signing_keys().await? {
                json_line(&mut out, &key)?;
            }
            return Ok(());
        }
        if let Some(kept) = &arguments.extends {
            let kept = read_checkpoint(kept)?;
            let latest = opened.reader.latest_checkpoint().await?;
            let latest = latest.ok_or_else(|| Failure::NotFound(NONE.to_owned()))?;
            opened.reader.prove_extension(&kept, &latest).await?;
            write!(out, "{latest}")?;
            return Ok(());
        }
        let file = key_file(place)?;
        let (pool, checkpoints) = writable(opened).await?;
        let now = Clock::system().now();
        let checkpoint = match sign(&checkpoints, file, Randomness, now).await? {
            Some(made) => Some(made),
            None => opened.reader.latest_checkpoint().await?,
        };
        pool.close().await;
        let checkpoint = checkpoint.ok_or_else(|| Failure::NotFound(NONE.to_owned()))?;
        write!(out, "{checkpoint}")?;
        Ok(())
    })
    .await
}

/// Runs `rotate-key`. The new key is on disk before it is recorded, and takes the old one's place after: a rotation that
/// is cut off is finished by the next server or command.
pub async fn rotate(place: &Place) -> Result<(), Failure> {
    OpenedReader::run(&place.database, async |opened| {
        let file = key_file(place)?;
        let (pool, checkpoints) = writable(opened).await?;
        // The old key signs what it still can, so that nothing is left unsigned between the two.
        sign(&checkpoints, file, Randomness, Clock::system().now()).await?;
        let _turn = file.turn().await.map_err(SignError::from)?;
        let key = key_in_force(&checkpoints, file, Randomness).await?;
        let next = SigningKey::from_seed(Randomness.bytes());
        file.prepare_next(&next)?;
        let record = checkpoints.rotate_key(&key, &next).await?;
        file.adopt_next()?;
        pool.close().await;
        json_line(
            &mut terminal::stdout(),
            &json!({"in_force": record, "file": file.path()}),
        )
    })
    .await
}

fn key_file(place: &Place) -> Result<&SigningKeyFile, Failure> {
    place
        .key
        .as_ref()
        .ok_or_else(|| Failure::Usage("signing needs --signing-key-file, the server's".to_owned()))
}

async fn writable(opened: &OpenedReader) -> Result<(PgPool, Checkpoints), Failure> {
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .connect_with(opened.options.clone())
        .await?;
    let reader = LedgerReader::new(pool.clone(), chancery_projections::stream_types());
    Ok((pool, Checkpoints::new(reader)))
}
