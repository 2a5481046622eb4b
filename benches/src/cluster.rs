//! The PostgreSQL of a run: a private, durable cluster in a directory of its own, with a database for each log size.

use std::path::Path;

use anyhow::Context;
use chancery_postgres::{Embedded, Settings};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;

/// A running cluster; its directory goes with it.
pub struct Cluster {
    embedded: Embedded,
    directory: TempDir,
    counts_statements: bool,
}

const IS_INSTALLED: &str =
    "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements')";
const LOAD_AT_START: &str = "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'";
/// It counts only when it is asked to.
const PREPARE_COUNTING: [&str; 3] = [
    "ALTER SYSTEM SET pg_stat_statements.track = 'none'",
    "SELECT pg_reload_conf()",
    "CREATE EXTENSION pg_stat_statements",
];

impl Cluster {
    /// Makes and starts a cluster that loses nothing it has committed (fsync and `synchronous_commit` on).
    pub async fn start() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("chancery-bench-")
            .tempdir()
            .context("cannot make a temporary directory")?;
        open_to_others(directory.path())?;
        let settings = Settings::new(directory.path().join("data"));
        let (embedded, counts_statements) = start_counting(settings).await?;
        Ok(Self {
            embedded,
            directory,
            counts_statements,
        })
    }

    /// Whether statements can be counted here.
    pub fn counts_statements(&self) -> bool {
        self.counts_statements
    }

    /// A directory for the server's own files.
    pub fn scratch(&self) -> &Path {
        self.directory.path()
    }

    /// How `database` is reached.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.embedded.connect_options().database(database)
    }

    /// `database` as a URL, for child processes.
    pub fn url(&self, database: &str) -> String {
        self.options(database).to_url_lossy().to_string()
    }

    /// One of PostgreSQL's own client programs, of the server's version, set to connect to `database`.
    pub fn program(&self, name: &str, database: &str) -> tokio::process::Command {
        let options = self.options(database);
        let mut command = tokio::process::Command::new(self.embedded.bin_dir().join(name));
        command
            .env("PGHOST", self.embedded.socket_dir())
            .env("PGPORT", options.get_port().to_string())
            .env("PGUSER", options.get_username())
            .env("PGDATABASE", database)
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Connects to `database`.
    pub async fn connect(&self, database: &str) -> anyhow::Result<PgConnection> {
        connect(&self.embedded, database).await
    }

    /// Makes the empty database of `name`, which is one of this program's own constants.
    pub async fn create_database(&self, name: &'static str) -> anyhow::Result<()> {
        let output = self
            .program("createdb", "postgres")
            .arg(name)
            .output()
            .await?;
        anyhow::ensure!(
            output.status.success(),
            "createdb {name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Process id of PostgreSQL's main process.
    pub fn postmaster(&self) -> Option<i64> {
        self.embedded.postmaster().map(i64::from)
    }

    /// Stops the cluster and removes its directory.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.embedded.stop().await?;
        self.directory.close()?;
        Ok(())
    }
}

/// Starts PostgreSQL, able to count statements where that is installed, which is told beside it.
async fn start_counting(settings: Settings) -> anyhow::Result<(Embedded, bool)> {
    let mut embedded = Embedded::start(settings.clone()).await?;
    let mut connection = connect(&embedded, "postgres").await?;
    let is_installed: bool = sqlx::query_scalar(IS_INSTALLED)
        .fetch_one(&mut connection)
        .await?;
    if is_installed {
        sqlx::query(LOAD_AT_START).execute(&mut connection).await?;
        connection.close().await?;
        embedded.stop().await?;
        embedded = Embedded::start(settings).await?;
        connection = connect(&embedded, "postgres").await?;
        for statement in PREPARE_COUNTING {
            sqlx::query(statement).execute(&mut connection).await?;
        }
    }
    connection.close().await?;
    Ok((embedded, is_installed))
}

async fn connect(embedded: &Embedded, database: &str) -> anyhow::Result<PgConnection> {
    let options = embedded.connect_options().database(database);
    PgConnection::connect_with(&options)
        .await
        .with_context(|| format!("cannot connect to the database {database}"))
}

/// Started as root, PostgreSQL runs as another user, who must be able to pass through the directory.
fn open_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o711))
}
