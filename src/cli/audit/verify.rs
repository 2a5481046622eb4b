use std::io::Write;
use std::path::{Path, PathBuf};

use chancery_ledger::{
    Checkpoint, CheckpointError, Evidence, LedgerReader, Position, PublicKey, VerifiedLog,
};
use clap::Args;
use serde_json::json;

use super::Place;
use super::output::OutputArguments;
use super::verify_file::verify_file;
use crate::app::checkpoints::UNSIGNED;
use crate::cli::failure::Failure;
use crate::cli::progress::progress_bar;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, json_line};

/// Flags of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit verify\n  chancery audit verify --checkpoint kept.note\n  chancery audit verify log.jsonl --public-key chancery/5a0c...+1f2e3d4c+AQ...\n  chancery audit verify proof.json --checkpoint kept.note\n\nWithout --public-key, the server's key file is trusted, with what it remembers to have signed, or else any key that the log\nnames: that finds every change but a rewrite of everything. A checkpoint that was kept elsewhere finds that too.\n\nExit status: 0 intact, 3 no database, 5 altered, 6 damaged or cut off file, 7 foreign file, 8 intact but nothing that\n--public-key vouches for, 10 intact but the log is not signed"
)]
pub struct Arguments {
    /// An export, a checkpoint or a proof; `-` for an export on the standard input [default: the database]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// A checkpoint that was kept elsewhere; may be repeated
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,

    /// A public key that was kept elsewhere, as `checkpoint --keys` prints it; may be repeated
    #[arg(long, value_name = "KEY")]
    public_key: Vec<PublicKey>,

    /// Of the database: the first position to check; the hash before it is taken for granted
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    from: i64,

    /// Of the database: the last position to check [default: the last one there is]
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    to: Option<i64>,
}

/// What was found intact.
pub struct Intact {
    /// `log`, `export`, `checkpoint` or `proof`.
    pub what: &'static str,
    /// How many events.
    pub events: u64,
    /// The last of them.
    pub last: Option<Position>,
    /// Its hash.
    pub hash: Option<[u8; 32]>,
    /// How many checkpoints agree.
    pub checkpoints: u64,
    /// The last of them.
    pub attested: Option<Checkpoint>,
    /// Whether it is a log that nobody signs.
    pub is_unsigned: bool,
}

/// Runs `verify`.
pub async fn run(
    place: &Place,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    let kept = arguments
        .checkpoint
        .iter()
        .map(|path| read_checkpoint(path));
    let mut evidence = Evidence {
        checkpoints: kept.collect::<Result<_, _>>()?,
        keys: arguments.public_key.clone(),
        last_signed: None,
    };
    let outcome = match &arguments.file {
        Some(file) => verify_file(file, &evidence),
        None => verify_database(place, &mut evidence, &arguments).await,
    };
    let intact = match outcome {
        Ok(intact) => intact,
        Err(failure) => {
            if output.is_json() {
                let value = json!({"ok": false, "error": failure.to_string(), "status": failure.exit_code()});
                json_line(&mut terminal::stdout(), &value)?;
            }
            return Err(failure);
        }
    };
    report(output, &intact)?;
    let is_attested = intact.attested.is_some();
    if !arguments.public_key.is_empty() && !is_attested {
        let message =
            "intact, but no checkpoint by a key that --public-key vouches for covers any of it";
        return Err(Failure::Unattested(message.to_owned()));
    }
    if intact.is_unsigned {
        return Err(Failure::Unsigned(format!("intact, but {UNSIGNED}")));
    }
    Ok(())
}

/// Adds what the server's key file says, where it can be read: it is not in the database, where a forger may write.
async fn add_own(
    place: &Place,
    reader: &LedgerReader,
    evidence: &mut Evidence,
) -> Result<(), Failure> {
    let (Some(file), Some(origin)) = (&place.key, reader.origin().await?) else {
        return Ok(());
    };
    let (Ok(Some(key)), Ok(last_signed)) = (file.load(), file.last_signed()) else {
        return Ok(());
    };
    match last_signed {
        Some(last) if last.origin == origin => evidence.last_signed = Some(last),
        Some(last) if place.is_key_of_database => {
            let error = CheckpointError::OtherLog {
                signed: last.origin,
                found: origin,
            };
            return Err(Failure::Altered(error.to_string()));
        }
        None if place.is_key_of_database => {}
        // Beside an existing PostgreSQL the file in the data directory may well be another log's.
        _ => return Ok(()),
    }
    if evidence.keys.is_empty() {
        evidence.keys.push(key.public(&origin));
    }
    Ok(())
}

async fn verify_database(
    place: &Place,
    evidence: &mut Evidence,
    arguments: &Arguments,
) -> Result<Intact, Failure> {
    OpenedReader::run(&place.database, async |opened| {
        add_own(place, &opened.reader, evidence).await?;
        let head = opened.reader.head().await?;
        if arguments.from > head.0.max(1) {
            return Err(Failure::no_position(arguments.from, head));
        }
        let last = match arguments.to {
            None => Position(i64::MAX),
            Some(to) if to < arguments.from => return Err(Failure::backwards()),
            Some(to) if to > head.0 => return Err(Failure::no_position(to, head)),
            Some(to) => Position(to),
        };
        let bar = progress_bar("verify")?;
        bar.set_length(u64::try_from(last.min(head).0).unwrap_or_default());
        let range = Position(arguments.from)..=last;
        let verified = opened.reader.verify_against(range, evidence, |position| {
            if position.0 % 1024 == 0 {
                bar.set_position(u64::try_from(position.0).unwrap_or_default());
            }
        });
        let verified = verified.await;
        bar.finish_and_clear();
        let VerifiedLog {
            verified,
            checkpoints,
            attested,
        } = verified?;
        Ok(Intact {
            what: "log",
            events: verified.events,
            last: Some(verified.last),
            hash: Some(verified.hash),
            checkpoints,
            is_unsigned: attested.is_none() && opened.reader.latest_checkpoint().await?.is_none(),
            attested,
        })
    })
    .await
}

/// Reads a checkpoint that was kept.
pub fn read_checkpoint(path: &Path) -> Result<Checkpoint, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::NotFound(format!("{}: {error}", path.display())))?;
    text.parse()
        .map_err(|error| Failure::Foreign(format!("{} is {error}", path.display())))
}

fn report(output: &OutputArguments, intact: &Intact) -> Result<(), Failure> {
    let mut out = terminal::stdout();
    let hash = intact.hash.map(hex::encode);
    if output.is_json() {
        let value = json!({
            "ok": true, "what": intact.what, "events": intact.events, "last": intact.last, "hash": hash,
            "checkpoints": intact.checkpoints, "attested": intact.attested, "signed": !intact.is_unsigned,
        });
        return json_line(&mut out, &value);
    }
    let paint = output.paint();
    let subject = match (intact.what, intact.last) {
        ("proof", Some(position)) => format!("the event at position {position} is in the log"),
        ("checkpoint", _) => "the checkpoint is signed by the key".to_owned(),
        (_, last) => format!(
            "{} events are intact, up to position {} with hash {}",
            intact.events,
            last.unwrap_or_default(),
            hash.unwrap_or_default()
        ),
    };
    writeln!(out, "{} {subject}", paint.green("ok"))?;
    match &intact.attested {
        Some(checkpoint) => writeln!(
            out,
            "   {} checkpoint{}, the last at position {} of {}",
            intact.checkpoints,
            if intact.checkpoints == 1 {
                " agrees"
            } else {
                "s agree"
            },
            checkpoint.position,
            checkpoint.origin
        )?,
        None => writeln!(
            out,
            "   no checkpoint covers any of it: a rewrite of everything would not be seen"
        )?,
    }
    Ok(())
}
