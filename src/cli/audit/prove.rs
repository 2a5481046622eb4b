use std::path::PathBuf;

use chancery_ledger::Position;
use clap::Args;

use super::Place;
use super::verify::read_checkpoint;
use crate::cli::failure::Failure;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, json_line};

/// Flags of `prove`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit prove 1234 > proof.json && chancery audit verify proof.json --public-key chancery/5a0c...+1f2e3d4c+AQ...\n  chancery audit prove 1234 --checkpoint kept.note > proof.json"
)]
pub struct Arguments {
    /// The event's position
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    position: i64,

    /// Against this checkpoint [default: the first that covers the event]
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Runs `prove`: prints the proof, with the event and the checkpoint, as JSON.
pub async fn run(place: &Place, arguments: Arguments) -> Result<(), Failure> {
    let kept = match &arguments.checkpoint {
        Some(path) => Some(read_checkpoint(path)?),
        None => None,
    };
    OpenedReader::run(&place.database, async |opened| {
        let proof = opened
            .reader
            .prove(Position(arguments.position), kept)
            .await?;
        json_line(&mut terminal::stdout(), &proof)
    })
    .await
}
