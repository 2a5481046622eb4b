//! The program's own PostgreSQL, from start to stop.

use std::{
    env,
    fs::File,
    path::{Path, PathBuf},
};

use sqlx::postgres::PgConnectOptions;

use crate::{
    StartError, StopError,
    cluster::{Cluster, SERVER},
    postmaster, presence,
    supervisor::Supervisor,
};

/// Where and how PostgreSQL runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Directory of everything; made when absent.
    pub data_dir: PathBuf,
    /// Directory of `postgres` and `initdb`; searched for when `None`.
    pub bin_dir: Option<PathBuf>,
    /// Whether commits survive a crash of the machine. `false` only in tests.
    pub durable: bool,
}

impl Settings {
    /// A durable cluster in `data_dir`, with the binaries that are found.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            bin_dir: None,
            durable: true,
        }
    }
}

/// The data directory when none is named: `/var/lib/chancery` for root, otherwise `$XDG_STATE_HOME/chancery` or
/// `~/.local/state/chancery`.
///
/// # Errors
/// [`StartError::NoDataDir`] when neither variable is set.
pub fn default_data_dir() -> Result<PathBuf, StartError> {
    if rustix::process::geteuid().is_root() {
        return Ok("/var/lib/chancery".into());
    }
    // The XDG specification has relative paths ignored.
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("chancery"))
        .ok_or(StartError::NoDataDir)
}

/// A private PostgreSQL that runs. Dropped without [`Embedded::stop`], it keeps running, as after a kill.
#[derive(Debug)]
pub struct Embedded {
    cluster: Cluster,
    supervisor: Supervisor,
    user: File,
    attached: bool,
}

impl Embedded {
    /// Starts PostgreSQL on the data directory, or attaches to it when it runs; makes the cluster and the database
    /// `chancery` when they are absent. From then on PostgreSQL is started again whenever it dies. Needs a tokio
    /// runtime that lives as long as this value.
    ///
    /// # Errors
    /// [`StartError`], whose message says what to do.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let was_there = settings.data_dir.exists();
        let started = Self::start_in(&settings).await;
        if started.is_err() && !was_there {
            Cluster::unplace(&settings.data_dir);
        }
        started
    }

    async fn start_in(settings: &Settings) -> Result<Self, StartError> {
        let (data_dir, locks) = Cluster::place(&settings.data_dir)?;
        let _lock = locks.start().await?;
        let user = locks.join().await?;
        let cluster = Cluster::open(data_dir, locks, settings).await?;
        let child = postmaster::ensure(&cluster).await?;
        let attached = child.is_none();
        let supervisor = Supervisor::begin(cluster.clone(), child);
        Ok(Self {
            cluster,
            supervisor,
            user,
            attached,
        })
    }

    /// How to reach the database `chancery`, as its owner and superuser. Stays right when PostgreSQL is started again.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.cluster.connect_options()
    }

    /// How a running server reaches it: as the role `chancery_server`, which is no superuser and has the rights that the
    /// owner gives it.
    pub fn server_options(&self) -> PgConnectOptions {
        self.cluster.connect_options().username(SERVER)
    }

    /// The data directory, without symbolic links.
    pub fn data_dir(&self) -> &Path {
        self.cluster.data_dir()
    }

    /// Directory of the socket, for `psql -h`.
    pub fn socket_dir(&self) -> &Path {
        self.cluster.socket_dir()
    }

    /// Directory of the server binaries in use.
    pub fn bin_dir(&self) -> PathBuf {
        let postgres = self.cluster.binaries.postgres();
        postgres.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Whether PostgreSQL was already running when this process came.
    pub fn attached(&self) -> bool {
        self.attached
    }

    /// Process id of PostgreSQL's main process, when it runs at this moment.
    pub fn postmaster(&self) -> Option<i32> {
        presence::running(&self.cluster).ok().flatten()
    }

    /// Leaves PostgreSQL; the last process that leaves stops it. Close the connections first: those left are ended.
    ///
    /// # Errors
    /// [`StopError`] when PostgreSQL cannot be stopped. Nothing is lost: it recovers at the next start.
    pub async fn stop(self) -> Result<(), StopError> {
        let child = self.supervisor.end().await;
        let _lock = self.cluster.locks.start().await?;
        self.cluster.locks.leave(&self.user)?;
        let Some(_unused) = self.cluster.locks.unused()? else {
            tracing::info!("PostgreSQL keeps running for other processes");
            return Ok(());
        };
        postmaster::stop(&self.cluster, child).await
    }
}
