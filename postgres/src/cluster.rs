//! A cluster's files and what is needed to run it.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{
    Settings, StartError, binaries::Binaries, identity::Identity, initialise, lock::Locks, socket,
};

/// The cluster's superuser, and the program's database.
pub(crate) const NAME: &str = "chancery";

/// The role of a running server: no superuser, and not the owner of what is recorded.
pub(crate) const SERVER: &str = "chancery_server";

/// Everything known about the cluster of one data directory.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    data_dir: PathBuf,
    socket_dir: PathBuf,
    durable: bool,
    pub(crate) identity: Identity,
    pub(crate) binaries: Binaries,
    pub(crate) locks: Locks,
}

impl Cluster {
    /// Makes the data directory when it is absent, and returns its path without links and its locks.
    pub(crate) fn place(data_dir: &Path) -> Result<(PathBuf, Locks), StartError> {
        // Root's data directory must be passable for the user that runs PostgreSQL, but not readable.
        let mode = if rustix::process::geteuid().is_root() {
            0o711
        } else {
            0o700
        };
        if !data_dir.is_dir() {
            if let Some(parent) = data_dir.parent() {
                fs::create_dir_all(parent).map_err(StartError::io("create", parent))?;
            }
            match fs::DirBuilder::new().mode(mode).create(data_dir) {
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                result => result.map_err(StartError::io("create", data_dir))?,
            }
        }
        let data_dir = data_dir
            .canonicalize()
            .map_err(StartError::io("open", data_dir))?;
        let locks = Locks::new(&data_dir);
        Ok((data_dir, locks))
    }

    /// Takes back [`Cluster::place`] of a directory that was absent, when nothing but its locks came to be in it.
    pub(crate) fn unplace(data_dir: &Path) {
        let is_lock = |entry: std::io::Result<fs::DirEntry>| {
            entry.is_ok_and(|entry| entry.path().extension().is_some_and(|name| name == "lock"))
        };
        if data_dir
            .read_dir()
            .is_ok_and(|mut entries| entries.all(is_lock))
        {
            Locks::new(data_dir).remove();
        }
        if let Err(error) = fs::remove_dir(data_dir) {
            tracing::debug!(%error, "the data directory stays");
        }
    }

    /// Finds out how to run the cluster of `data_dir`, and makes it when it is absent. Call under the start lock.
    pub(crate) async fn open(
        data_dir: PathBuf,
        locks: Locks,
        settings: &Settings,
    ) -> Result<Self, StartError> {
        let data = data_dir.join("postgres");
        let made_by = version_of(&data)?;
        let binaries = Binaries::find(
            settings.bin_dir.as_deref(),
            made_by.map(|major| (major, data.as_path())),
        )?;
        let identity = Identity::choose(&data).await?;
        identity
            .check_access(&binaries.postgres(), &data_dir)
            .await?;
        let socket_dir = socket::directory(&data_dir, &identity)?;
        let cluster = Self {
            data_dir,
            socket_dir,
            durable: settings.durable,
            identity,
            binaries,
            locks,
        };
        if made_by.is_none() {
            initialise::cluster(&cluster).await?;
        } else if !cluster.identity.owns(&data) {
            cluster.identity.give_tree(&data)?;
        }
        Ok(cluster)
    }

    /// The directory everything is in.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// PostgreSQL's own directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.data_dir.join("postgres")
    }

    /// PostgreSQL's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }

    /// The directory of the socket.
    pub(crate) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Whether commits survive a crash of the machine.
    pub(crate) fn durable(&self) -> bool {
        self.durable
    }

    /// How to reach the program's database, as its owner.
    pub(crate) fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_dir)
            .port(socket::PORT)
            .username(NAME)
            .database(NAME)
            .ssl_mode(PgSslMode::Disable)
    }
}

/// Major version that made the data in `data`, when there is any.
fn version_of(data: &Path) -> Result<Option<u32>, StartError> {
    let file = data.join("PG_VERSION");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        // Not ours to read: whose it is decides, and says so.
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => return Ok(None),
        Err(e) => return Err(StartError::io("read", file)(e)),
    };
    let major = text.trim().parse();
    major
        .map(Some)
        .map_err(|e| StartError::io("read", file)(std::io::Error::other(e)))
}
