use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use chancery_ledger::{
    Checkpoint, Evidence, InclusionProof, Position, PublicKey, VerifiedLog, verify_export,
};
use clap::Args;
use serde_json::json;

use super::Place;
use super::output::{OutputArguments, json_line};
use crate::cli::failure::Failure;
use crate::cli::progress::progress_bar;
use crate::cli::reader::OpenedReader;

/// Checkpoints and proofs are not larger.
const SMALL_FILE: u64 = 16 << 20;

/// Flags of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit verify\n  chancery audit verify --checkpoint kept.json\n  chancery audit verify log.jsonl --public-key 3b6a27bc...\n  chancery audit verify proof.json --checkpoint kept.json\n\nWithout --public-key, the key in the data directory is trusted, or else any key that the log names: that finds every\nchange but a rewrite of everything. A checkpoint or a public key that was kept elsewhere finds that too.\n\nExit status: 0 intact, 3 no database, 5 altered, 6 damaged or cut off file, 7 foreign file, 8 intact but nothing that\n--public-key vouches for"
)]
pub struct Arguments {
    /// An export, a checkpoint or a proof; `-` for an export on the standard input [default: the database]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// A checkpoint that was kept elsewhere; may be repeated
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,

    /// A public key that was kept elsewhere: 64 hexadecimal digits; may be repeated
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
struct Intact {
    what: &'static str,
    events: u64,
    last: Option<Position>,
    hash: Option<[u8; 32]>,
    checkpoints: u64,
    attested: Option<Checkpoint>,
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
    };
    let outcome = if let Some(file) = &arguments.file {
        verify_file(file, &evidence)
    } else {
        if evidence.keys.is_empty() {
            evidence.keys.extend(own_key(place));
        }
        verify_database(place, &evidence, &arguments).await
    };
    let intact = match outcome {
        Ok(intact) => intact,
        Err(failure) => {
            if output.is_json() {
                let value = json!({"ok": false, "error": failure.to_string(), "status": failure.exit_code()});
                json_line(&mut std::io::stdout(), &value)?;
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
    Ok(())
}

/// The public key in the data directory, where it can be read: it is not in the database, where a forger may write.
fn own_key(place: &Place) -> Option<PublicKey> {
    let key = place.key.as_ref()?.load().ok().flatten()?;
    Some(key.public())
}

async fn verify_database(
    place: &Place,
    evidence: &Evidence,
    arguments: &Arguments,
) -> Result<Intact, Failure> {
    OpenedReader::run(&place.database, async |opened| {
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
            attested,
        })
    })
    .await
}

fn verify_file(path: &Path, evidence: &Evidence) -> Result<Intact, Failure> {
    if path == Path::new("-") {
        return verify_export_in(std::io::stdin().lock(), evidence);
    }
    let named = |error: std::io::Error| Failure::NotFound(format!("{}: {error}", path.display()));
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(named)?);
    let start = file.fill_buf().map_err(named)?;
    if start.starts_with(b"{\"format\":") || !start.starts_with(b"{") {
        return verify_export_in(file, evidence);
    }
    let mut text = String::new();
    file.take(SMALL_FILE)
        .read_to_string(&mut text)
        .map_err(|_| foreign(path))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        if error.is_eof() {
            Failure::Damaged(format!("{} is cut off", path.display()))
        } else {
            foreign(path)
        }
    })?;
    let Some(members) = value.as_object() else {
        return Err(foreign(path));
    };
    let parsed =
        |error: serde_json::Error| Failure::Damaged(format!("{}: {error}", path.display()));
    if members.contains_key("path") {
        let proof: InclusionProof = serde_json::from_value(value).map_err(parsed)?;
        verify_proof(&proof, evidence)
    } else if members.contains_key("signature") {
        let checkpoint: Checkpoint = serde_json::from_value(value).map_err(parsed)?;
        verify_checkpoint(checkpoint, evidence)
    } else {
        Err(foreign(path))
    }
}

fn foreign(path: &Path) -> Failure {
    Failure::Foreign(format!(
        "{} is no export, checkpoint or proof of a ledger",
        path.display()
    ))
}

fn verify_export_in(file: impl BufRead, evidence: &Evidence) -> Result<Intact, Failure> {
    let bar = progress_bar("verify")?;
    let verified = verify_export(file, evidence, |position| {
        bar.set_position(u64::try_from(position.0).unwrap_or_default());
    });
    bar.finish_and_clear();
    let verified = verified?;
    Ok(Intact {
        what: "export",
        events: verified.verified.events,
        last: Some(verified.verified.last),
        hash: Some(verified.verified.hash),
        checkpoints: verified.checkpoints,
        attested: verified.attested,
    })
}

fn verify_proof(proof: &InclusionProof, evidence: &Evidence) -> Result<Intact, Failure> {
    let kept = evidence
        .checkpoints
        .iter()
        .find(|kept| kept.position == proof.checkpoint.position);
    if kept.is_none() && !evidence.checkpoints.is_empty() {
        let message = "the proof is against another checkpoint than the one given; make one with `chancery audit prove --checkpoint`";
        return Err(Failure::Usage(message.to_owned()));
    }
    proof.verify(kept, &evidence.keys)?;
    Ok(Intact {
        what: "proof",
        events: 1,
        last: Some(proof.position),
        hash: Some(proof.hash),
        checkpoints: 1,
        attested: Some(proof.checkpoint.clone()),
    })
}

fn verify_checkpoint(checkpoint: Checkpoint, evidence: &Evidence) -> Result<Intact, Failure> {
    if evidence.keys.is_empty() {
        let message = "a checkpoint's signature is checked against a public key: give --public-key";
        return Err(Failure::Usage(message.to_owned()));
    }
    if !evidence.keys.iter().any(|key| checkpoint.is_signed_by(key)) {
        let message = "the checkpoint is not signed by that key";
        return Err(Failure::Altered(message.to_owned()));
    }
    Ok(Intact {
        what: "checkpoint",
        events: 0,
        last: None,
        hash: None,
        checkpoints: 1,
        attested: Some(checkpoint),
    })
}

/// Reads a checkpoint that was kept.
pub fn read_checkpoint(path: &Path) -> Result<Checkpoint, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::NotFound(format!("{}: {error}", path.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Foreign(format!("{} is no checkpoint: {error}", path.display())))
}

fn report(output: &OutputArguments, intact: &Intact) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let hash = intact.hash.map(hex::encode);
    if output.is_json() {
        let value = json!({
            "ok": true, "what": intact.what, "events": intact.events, "last": intact.last, "hash": hash,
            "checkpoints": intact.checkpoints, "attested": intact.attested,
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
            "   {} checkpoint{}, the last at position {} of {}, signed by key {}",
            intact.checkpoints,
            if intact.checkpoints == 1 {
                " agrees"
            } else {
                "s agree"
            },
            checkpoint.position,
            super::row::time(checkpoint.time),
            checkpoint.key_id
        )?,
        None => writeln!(
            out,
            "   no checkpoint covers any of it: a rewrite of everything would not be seen"
        )?,
    }
    Ok(())
}
