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
}

impl Cluster {
    /// Makes and starts a cluster that loses nothing it has committed (fsync and `synchronous_commit` on).
    pub async fn start() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("chancery-bench-")
            .tempdir()
            .context("cannot make a temporary directory")?;
        open_to_others(directory.path())?;
        let embedded = Embedded::start(Settings::new(directory.path().join("data"))).await?;
        Ok(Self {
            embedded,
            directory,
        })
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
        PgConnection::connect_with(&self.options(database))
            .await
            .with_context(|| format!("cannot connect to the database {database}"))
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

/// Started as root, PostgreSQL runs as another user, who must be able to pass through the directory.
fn open_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o711))
}
