use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chancery_ledger::{ExportHeader, Position};
use clap::Args;
use serde_json::json;
use tokio::io::BufWriter;

use super::Place;
use super::output::OutputArguments;
use crate::cli::failure::Failure;
use crate::cli::moment::moment;
use crate::cli::progress::progress_bar;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, json_line};
use crate::moment::Moment;

/// Flags of `export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit export log.jsonl\n  chancery audit export january.jsonl --from 2026-01-01 --to 2026-01-31T23:59:59Z\n  chancery audit export - | gzip > log.jsonl.gz\n\nThe file holds what the log holds: names, addresses and hashes of secrets. Only its owner can read it."
)]
pub struct Arguments {
    /// The file, which must not be there; `-` for the standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// From this position or time on
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    from: Option<Moment>,

    /// Up to this position or time
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    to: Option<Moment>,
}

/// Runs `export`.
pub async fn run(
    place: &Place,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    OpenedReader::run(&place.database, async |opened| {
        let reader = &opened.reader;
        let first = match arguments.from {
            None => Position(1),
            Some(Moment::Position(position)) => Position(position),
            Some(Moment::Time(time)) => {
                let before = time - chrono::TimeDelta::microseconds(1);
                reader.position_at(before).await?.next()
            }
        };
        let last = match arguments.to {
            None => Position(i64::MAX),
            Some(moment) => moment.position(reader).await?,
        };
        let head = reader.head().await?;
        if first > last {
            return Err(Failure::backwards());
        }
        if let Some(from) = arguments.from
            && first > head
        {
            return Err(match from {
                Moment::Position(position) => Failure::no_position(position, head),
                Moment::Time(time) => Failure::NotFound(format!(
                    "nothing was recorded at {} or later",
                    time.to_rfc3339()
                )),
            });
        }
        let bar = progress_bar("export")?;
        bar.set_length(u64::try_from(last.min(head).0 - first.0 + 1).unwrap_or_default());
        let progress = |position: Position| {
            bar.set_position(u64::try_from(position.0 - first.0 + 1).unwrap_or_default());
        };
        if arguments.file == Path::new("-") {
            let mut out = BufWriter::with_capacity(1 << 20, exact_stdout()?);
            reader.export(first..=last, &mut out, progress).await?;
            return Ok(());
        }
        let file = NewFile::create(&arguments.file).await?;
        let mut out = BufWriter::with_capacity(1 << 20, file.file);
        let header = match reader.export(first..=last, &mut out, progress).await {
            Ok(header) => header,
            Err(error) => {
                tokio::fs::remove_file(&file.partial).await?;
                return Err(error.into());
            }
        };
        out.get_mut().sync_all().await?;
        tokio::fs::rename(&file.partial, &arguments.file).await?;
        bar.finish_and_clear();
        report(output, &arguments.file, &header)
    })
    .await
}

/// The standard output as it is: an export is exact to the byte.
#[expect(clippy::disallowed_methods, reason = "it is no terminal")]
fn exact_stdout() -> Result<tokio::fs::File, Failure> {
    if terminal::is_terminal() {
        let message = "an export is for a file or another program, not for a terminal";
        return Err(Failure::Usage(message.to_owned()));
    }
    let stdout = std::io::stdout().as_fd().try_clone_to_owned()?;
    Ok(tokio::fs::File::from_std(stdout.into()))
}

/// A file that gets its name when it is whole.
struct NewFile {
    file: tokio::fs::File,
    partial: PathBuf,
}

impl NewFile {
    async fn create(path: &Path) -> Result<Self, Failure> {
        let named = |error: std::io::Error| Failure::Other(format!("{}: {error}", path.display()));
        if tokio::fs::try_exists(path).await.map_err(named)? {
            return Err(Failure::Other(format!(
                "{} is there already",
                path.display()
            )));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .map_err(named)?;
        Ok(Self {
            file: file.into(),
            partial,
        })
    }
}

fn report(output: &OutputArguments, file: &Path, header: &ExportHeader) -> Result<(), Failure> {
    let events = header.last.0 - header.first.0 + 1;
    let hash = hex::encode(header.hash);
    if output.is_json() {
        let value = json!({
            "file": file, "events": events, "first": header.first, "last": header.last, "hash": hash,
            "checkpoints": header.checkpoints.len(),
        });
        return json_line(&mut terminal::stdout(), &value);
    }
    let mut out = terminal::stdout();
    writeln!(
        out,
        "{events} events, positions {} to {}, and {} checkpoints are in {}; the last hash is {hash}",
        header.first,
        header.last,
        header.checkpoints.len(),
        file.display()
    )?;
    Ok(())
}
