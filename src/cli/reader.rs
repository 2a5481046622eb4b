//! A ledger opened for reading: nothing is migrated, started anew or written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chancery_ledger::LedgerReader;
use chancery_postgres::{Embedded, Settings};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool, Row};

use crate::app::{OpenDatabaseError, connect_once, options_of};
use crate::cli::failure::Failure;
use crate::config::Database;

const CONNECTIONS: u32 = 4;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// An open ledger.
pub struct OpenedReader {
    /// What reads it.
    pub reader: LedgerReader,
    /// Its connections.
    pub pool: PgPool,
    /// How to connect to it, also for writing.
    pub options: PgConnectOptions,
    reached: Reached,
}

impl OpenedReader {
    /// Opens the ledger in a database that is there.
    pub async fn open(database: &Database) -> Result<Self, Failure> {
        if let Database::Embedded { data_dir, .. } = database {
            expect_cluster(data_dir)?;
        }
        let reached = Reached::open(database).await?;
        match connect(&reached.options).await {
            Ok(pool) => Ok(Self {
                reader: LedgerReader::new(pool.clone(), chancery_projections::stream_types()),
                pool,
                options: reached.options.clone(),
                reached,
            }),
            Err(failure) => {
                reached.leave().await;
                Err(failure)
            }
        }
    }

    /// Where the programs of the program's own PostgreSQL are; None: it is an existing one.
    pub fn bin_dir(&self) -> Option<PathBuf> {
        self.reached.bin_dir()
    }

    /// Does something with it and closes it.
    pub async fn run<T>(
        database: &Database,
        work: impl AsyncFnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let opened = Self::open(database).await?;
        let outcome = work(&opened).await;
        opened.pool.close().await;
        opened.reached.leave().await;
        outcome
    }
}

/// A database that can be connected to, whatever it holds.
pub struct Reached {
    /// How to connect to it as its owner.
    pub options: PgConnectOptions,
    embedded: Option<Embedded>,
}

impl Reached {
    /// Starts the program's own PostgreSQL, or attaches to it; makes it when it is absent. An existing one is taken as it is.
    pub async fn open(database: &Database) -> Result<Self, Failure> {
        let (options, embedded) = match database {
            Database::Url(url) => (options_of(url)?, None),
            Database::Embedded { data_dir, bin_dir } => {
                let settings = Settings {
                    data_dir: data_dir.clone(),
                    bin_dir: bin_dir.clone(),
                    durable: true,
                };
                let embedded = Embedded::start(settings)
                    .await
                    .map_err(OpenDatabaseError::from)?;
                (embedded.connect_options(), Some(embedded))
            }
        };
        Ok(Self { options, embedded })
    }

    /// Where the programs of the program's own PostgreSQL are; None: it is an existing one.
    pub fn bin_dir(&self) -> Option<PathBuf> {
        self.embedded.as_ref().map(Embedded::bin_dir)
    }

    /// Leaves it. The program's own PostgreSQL stops when nobody else uses it.
    pub async fn leave(self) {
        if let Some(embedded) = self.embedded
            && let Err(error) = embedded.stop().await
        {
            tracing::warn!(%error, "PostgreSQL keeps running");
        }
    }
}

/// Fails where there is no ledger, and changes nothing.
pub async fn expect_ledger(database: &Database) -> Result<(), Failure> {
    match database {
        Database::Url(url) => connect(&options_of(url)?).await?.close().await,
        Database::Embedded { data_dir, .. } => expect_cluster(data_dir)?,
    }
    Ok(())
}

/// Fails where an existing PostgreSQL does not answer.
pub async fn expect_reachable(database: &Database) -> Result<(), Failure> {
    if let Database::Url(url) = database {
        let connection = connect_once(&options_of(url)?).await?;
        connection.close().await?;
    }
    Ok(())
}

fn expect_cluster(data_dir: &Path) -> Result<(), Failure> {
    if data_dir.join("postgres").is_dir() {
        return Ok(());
    }
    Err(Failure::NoDatabase(format!(
        "there is no data in {}: start the server once, or name another --data-dir or --database-url",
        data_dir.display()
    )))
}

async fn connect(options: &PgConnectOptions) -> Result<PgPool, Failure> {
    let reading = options
        .clone()
        .application_name("chancery audit")
        .options([("default_transaction_read_only", "on")]);
    connect_once(&reading).await?.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(reading)
        .await
        .map_err(OpenDatabaseError::Connect)?;
    let row = sqlx::query("SELECT to_regclass('events') IS NOT NULL AND to_regclass('ledger_checkpoints') IS NOT NULL")
        .fetch_one(&pool)
        .await?;
    if row.try_get(0)? {
        return Ok(pool);
    }
    pool.close().await;
    Err(Failure::NoDatabase(
        "this database holds no ledger, or one of an older program: start the server on it once"
            .to_owned(),
    ))
}
