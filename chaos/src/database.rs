//! PostgreSQL under the servers, which the harness runs and breaks.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chancery_postgres::testing::{DataDir, data_dir};
use chancery_postgres::{Embedded, Settings};
use rand::Rng;
use rand::rngs::StdRng;
use rustix::process::Signal;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::process::{children, end, signal};

/// A durable cluster of its own.
#[derive(Debug)]
pub struct Database {
    embedded: Option<Embedded>,
    options: PgConnectOptions,
    path: PathBuf,
    // In this order: first the file system on it goes, then the directory.
    disk: Option<SmallDisk>,
    dir: DataDir,
}

impl Database {
    /// Makes a cluster, on a file system of so many megabytes where a number is given, and starts it.
    pub async fn start(megabytes: Option<u32>) -> anyhow::Result<Self> {
        let dir = data_dir();
        let path = dir.path().join("data");
        let disk = match megabytes {
            Some(megabytes) => Some(SmallDisk::mount(&path, megabytes)?),
            None => None,
        };
        Self::open(dir, path, disk).await
    }

    async fn open(dir: DataDir, path: PathBuf, disk: Option<SmallDisk>) -> anyhow::Result<Self> {
        let embedded = Embedded::start(Settings::new(&path)).await?;
        Ok(Self {
            options: embedded.connect_options(),
            embedded: Some(embedded),
            path,
            disk,
            dir,
        })
    }

    /// Makes a standby of this cluster, which reaches it by a proxy's `port`.
    pub async fn standby(&self, name: &str, port: u16) -> anyhow::Result<Self> {
        let dir = data_dir();
        let path = dir.path().join("data");
        std::fs::create_dir(&path)?;
        let data = path.join("postgres");
        let embedded = self.embedded.as_ref().context("the primary is stopped")?;
        let copied = tokio::process::Command::new(embedded.bin_dir().join("pg_basebackup"))
            .args(["--checkpoint=fast", "--wal-method=stream", "--pgdata"])
            .arg(&data)
            .args(["--username", self.options.get_username(), "--host"])
            .arg(self.socket_dir())
            .args(["--port", &self.options.get_port().to_string()])
            .output()
            .await?;
        anyhow::ensure!(copied.status.success(), "pg_basebackup: {copied:?}");
        let settings = format!(
            "\nprimary_conninfo = 'host=127.0.0.1 port={port} user={} application_name={name} sslmode=disable'\n\
             wal_retrieve_retry_interval = '200ms'\n",
            self.options.get_username()
        );
        append(&data.join("postgresql.auto.conf"), &settings)?;
        std::fs::write(data.join("standby.signal"), "")?;
        Self::open(dir, path, None).await
    }

    /// How to reach it, without a proxy between.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// A connection of the harness' own.
    pub async fn connect(&self) -> anyhow::Result<PgConnection> {
        Ok(self.options.connect().await?)
    }

    fn socket_dir(&self) -> PathBuf {
        let socket = self.options.get_socket().cloned();
        socket.unwrap_or_else(|| PathBuf::from(self.options.get_host()))
    }

    /// The socket's file.
    pub fn socket(&self) -> PathBuf {
        self.socket_dir()
            .join(format!(".s.PGSQL.{}", self.options.get_port()))
    }

    /// The URL by which servers reach it through a proxy's `port`.
    pub fn url(&self, port: u16) -> String {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username(self.options.get_username())
            .database(self.options.get_database().unwrap_or_default())
            .ssl_mode(sqlx::postgres::PgSslMode::Disable);
        options.to_url_lossy().to_string()
    }

    /// The file system it is on, where it has one of its own.
    pub fn disk(&self) -> Option<&SmallDisk> {
        self.disk.as_ref()
    }

    /// The main process, when it runs.
    pub fn postmaster(&self) -> Option<i32> {
        self.embedded.as_ref().and_then(Embedded::postmaster)
    }

    /// Kills the main process; it is started again by itself.
    pub fn kill_postmaster(&self) {
        if let Some(postmaster) = self.postmaster() {
            signal(postmaster, Signal::KILL);
        }
    }

    /// Kills every process at once, as a crash of the machine would.
    pub fn kill_all(&self) {
        if let Some(postmaster) = self.postmaster() {
            let children = children(postmaster);
            signal(postmaster, Signal::KILL);
            for child in children {
                signal(child, Signal::KILL);
            }
        }
    }

    /// One process of a client.
    pub async fn backend(&self, random: &mut StdRng) -> anyhow::Result<i32> {
        let backends: Vec<i32> = sqlx::query_scalar(include_str!("sql/backends.sql"))
            .fetch_all(&mut self.connect().await?)
            .await?;
        anyhow::ensure!(!backends.is_empty(), "nobody is connected");
        Ok(backends[random.random_range(0..backends.len())])
    }

    /// Stops it in order.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(embedded) = self.embedded.take() {
            embedded.stop().await?;
        }
        Ok(())
    }

    /// Starts it again.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        if self.embedded.is_none() {
            self.embedded = Some(Embedded::start(Settings::new(&self.path)).await?);
        }
        Ok(())
    }

    /// The directory that holds everything.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let postmaster = self.postmaster();
        // First, or it would be started again.
        self.embedded = None;
        if let Some(postmaster) = postmaster {
            end(postmaster);
        }
    }
}

fn append(path: &Path, text: &str) -> anyhow::Result<()> {
    let before = std::fs::read_to_string(path)?;
    Ok(std::fs::write(path, before + text)?)
}

/// A file system in memory that is soon full.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: &Path, megabytes: u32) -> anyhow::Result<Self> {
        std::fs::create_dir(path)?;
        let size = format!("size={megabytes}m,mode=0711");
        run(std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(path))?;
        Ok(Self(path.to_owned()))
    }

    /// Writes a file until there is no room left.
    pub fn fill(&self) -> anyhow::Result<()> {
        let block = vec![1; 64 * 1024];
        let mut file = std::fs::File::create(self.ballast())?;
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        Ok(())
    }

    /// Removes that file.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: PostgreSQL may still be ending on it.
        if let Err(error) = run(std::process::Command::new("umount")
            .arg("--lazy")
            .arg(&self.0))
        {
            tracing::warn!(%error, "a small disk stays mounted");
        }
    }
}

fn run(command: &mut std::process::Command) -> anyhow::Result<()> {
    let output = command.output()?;
    anyhow::ensure!(output.status.success(), "{command:?}: {output:?}");
    Ok(())
}
