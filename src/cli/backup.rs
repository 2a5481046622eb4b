//! `chancery backup` and `chancery restore`.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chancery_ledger::{Evidence, Ledger, LedgerReader, Position, VerifiedLog};
use clap::Args;
use sqlx::Connection;
use sqlx::postgres::PgPoolOptions;

use super::audit::read_checkpoint;
use super::client_programs::ClientPrograms;
use super::database::DatabaseArguments;
use super::failure::{Failure, end};
use super::progress::progress_bar;
use super::reader::{OpenedReader, Reached};
use super::terminal;
use crate::app::OpenDatabaseError;

/// What is left out: read models are made anew from the record, and an incarnation is of one cluster.
const DUMP: [&str; 5] = [
    "--format=custom",
    "--exclude-schema=projection_*",
    "--exclude-table-data=projection_checkpoints",
    "--exclude-table-data=incarnation",
    "--file",
];

/// Into whatever roles there are; rights are given as after a migration.
const RESTORE: [&str; 5] = [
    "--exit-on-error",
    "--single-transaction",
    "--no-owner",
    "--no-acl",
    "--dbname",
];

/// Flags of `backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery backup chancery.dump\n  chancery backup \"/backup/chancery-$(date +%F).dump\"\n\nThe server may run meanwhile; the file is of one moment. It is an archive of pg_dump. Read models are not in it (they are made\nanew at the first start after a restore), and neither is the signing key: keep that elsewhere, as the file that\n--signing-key-file of the server names."
)]
pub struct BackupArguments {
    #[command(flatten)]
    database: DatabaseArguments,

    /// The file to be written
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Flags of `restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery restore chancery.dump\n  chancery restore chancery.dump --data-dir /var/lib/chancery --checkpoint kept.note\n\nRestores into a database that holds no record, and makes it when it is the program's own; then verifies the record from its first\nevent. Put the signing key back before the first start."
)]
pub struct RestoreArguments {
    #[command(flatten)]
    database: DatabaseArguments,

    /// What `chancery backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// A checkpoint that was kept elsewhere, which has to agree; may be repeated
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
}

/// Runs `backup`.
pub async fn backup(arguments: BackupArguments) -> anyhow::Result<ExitCode> {
    let database = arguments.database.database()?;
    let outcome = OpenedReader::run(&database, async |opened| {
        let mut connection = opened.pool.acquire().await?;
        let mut snapshot = connection
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .await?;
        let (name, position): (String, i64) = sqlx::query_as(include_str!("sql/backup_point.sql"))
            .fetch_one(&mut *snapshot)
            .await?;
        let programs = ClientPrograms::new(&opened.options, opened.bin_dir());
        let partial = Partial::new(&arguments.file)?;
        let snapshot_flag = format!("--snapshot={name}");
        let mut flags = vec![&*snapshot_flag];
        flags.extend(DUMP);
        programs.run("pg_dump", &flags, &partial.0).await?;
        snapshot.rollback().await?;
        let bytes = partial.keep(&arguments.file)?;
        let size = indicatif::BinaryBytes(bytes);
        let file = arguments.file.display();
        writeln!(
            terminal::stdout(),
            "{file}: {size}, the record up to position {position}"
        )?;
        Ok(ExitCode::SUCCESS)
    });
    Ok(end(outcome.await))
}

/// Runs `restore`.
pub async fn restore(arguments: RestoreArguments) -> anyhow::Result<ExitCode> {
    let database = arguments.database.database()?;
    let outcome = async {
        let kept = arguments
            .checkpoint
            .iter()
            .map(|path| read_checkpoint(path));
        let evidence = Evidence {
            checkpoints: kept.collect::<Result<_, _>>()?,
            ..Evidence::default()
        };
        File::open(&arguments.file).map_err(|error| named(&arguments.file, &error))?;
        let reached = Reached::open(&database).await?;
        let restored = into(&reached, &arguments.file, &evidence).await;
        reached.leave().await;
        restored
    };
    Ok(end(outcome.await.map(|()| ExitCode::SUCCESS)))
}

async fn into(reached: &Reached, file: &Path, evidence: &Evidence) -> Result<(), Failure> {
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(reached.options.clone())
        .await
        .map_err(OpenDatabaseError::Connect)?;
    let is_taken: bool = sqlx::query_scalar("SELECT to_regclass('events') IS NOT NULL")
        .fetch_one(&pool)
        .await?;
    if is_taken {
        return Err(Failure::Usage(
            "there is a record in this database already: restore into an empty one".to_owned(),
        ));
    }
    let programs = ClientPrograms::new(&reached.options, reached.bin_dir());
    let mut flags = RESTORE.to_vec();
    flags.push(programs.database());
    programs.run("pg_restore", &flags, file).await?;
    Ledger::migrate_restored(&pool)
        .await
        .map_err(OpenDatabaseError::Migrate)?;
    let reader = LedgerReader::new(pool.clone(), chancery_projections::stream_types());
    let head = reader.head().await?;
    let bar = progress_bar("verify")?;
    bar.set_length(u64::try_from(head.0).unwrap_or_default());
    let verified = reader
        .verify_against(Position(1)..=Position(i64::MAX), evidence, |position| {
            bar.set_position(u64::try_from(position.0).unwrap_or_default());
        })
        .await;
    bar.finish_and_clear();
    let VerifiedLog {
        verified,
        checkpoints,
        ..
    } = verified?;
    pool.close().await;
    writeln!(
        terminal::stdout(),
        "restored: {} events are intact, up to position {} with hash {}; {checkpoints} checkpoints agree",
        verified.events,
        verified.last,
        hex::encode(verified.hash)
    )?;
    Ok(())
}

/// A file that takes its name only when it is whole. It is readable by its owner alone: it holds hashes of passwords.
struct Partial(PathBuf);

impl Partial {
    fn new(file: &Path) -> Result<Self, Failure> {
        let mut name = file.as_os_str().to_owned();
        name.push(".partial");
        let partial = PathBuf::from(name);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .map_err(|error| named(&partial, &error))?;
        Ok(Self(partial))
    }

    /// Gives it its name once the disk has it. Returns its size in bytes.
    fn keep(self, file: &Path) -> Result<u64, Failure> {
        let kept = File::open(&self.0).and_then(|opened| {
            opened.sync_all()?;
            fs::rename(&self.0, file)?;
            Ok(opened.metadata()?.len())
        });
        kept.map_err(|error| named(file, &error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It is gone when it was kept.
        drop(fs::remove_file(&self.0));
    }
}

fn named(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("{}: {error}", path.display()))
}
