//! What can go wrong when the program's own PostgreSQL starts or stops, and what to do about it.

use std::path::PathBuf;

/// PostgreSQL could not be started. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No server binaries in any known place.
    #[error(
        "no PostgreSQL server ({minimum} or newer) was found in PATH or the usual package locations: install it with \
         `{install}`, or name the directory of `postgres` and `initdb` (CHANCERY_POSTGRES_BIN_DIR), or use an existing \
         server (CHANCERY_DATABASE_URL)"
    )]
    NoBinaries {
        /// Oldest usable major version.
        minimum: u32,
        /// Command that installs the server on this system.
        install: &'static str,
    },
    /// The directory named by the operator has no server binaries.
    #[error("{} has no usable `postgres` and `initdb`: {reason}; the server package is installed with `{install}`", dir.display())]
    NotBinaries {
        /// The directory that was named.
        dir: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// Command that installs the server on this system.
        install: &'static str,
    },
    /// The data was made by a major version that is not installed.
    #[error(
        "the data in {} was made by PostgreSQL {made_by}, and installed is {found}: install PostgreSQL {made_by}, or \
         convert the data with pg_upgrade", cluster.display()
    )]
    VersionMismatch {
        /// The cluster's directory.
        cluster: PathBuf,
        /// Major version that made it.
        made_by: u32,
        /// Major versions that were found.
        found: String,
    },
    /// Started as root, and there is no user to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody` to run it as: create \
         one with `useradd --system postgres`, or start the program as an ordinary user"
    )]
    NoUnprivilegedUser,
    /// Started as root, and the unprivileged user cannot reach a directory.
    #[error(
        "PostgreSQL runs as the user `{user}`, who cannot reach {}: {} is closed to others. Choose another data \
         directory (CHANCERY_DATA_DIR), such as /var/lib/chancery, or open the way with `chmod o+x {}`",
        path.display(), closed.display(), closed.display()
    )]
    Unreachable {
        /// The directory to be reached.
        path: PathBuf,
        /// The first directory on the way that is closed.
        closed: PathBuf,
        /// The unprivileged user.
        user: String,
    },
    /// The data belongs to another user.
    #[error(
        "{} belongs to user {owner}, and this process runs as user {own}: start it as that user or as root, or give \
         the directory away with `chown -R {own}`", path.display()
    )]
    ForeignOwner {
        /// The directory.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
        /// This process's user id.
        own: u32,
    },
    /// Neither a state directory nor a home directory is known.
    #[error(
        "no data directory is known, as HOME and XDG_STATE_HOME are unset: name one (CHANCERY_DATA_DIR)"
    )]
    NoDataDir,
    /// A file operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A binary could not be run.
    #[error("cannot run {} as {user}: {source}", program.display())]
    Run {
        /// The binary.
        program: PathBuf,
        /// The user it was to run as.
        user: String,
        /// Why not.
        source: std::io::Error,
    },
    /// `initdb` failed.
    #[error("initdb could not make the database cluster: {output}")]
    Initdb {
        /// What it printed.
        output: String,
    },
    /// PostgreSQL ended while starting.
    #[error("PostgreSQL ended while starting ({status}). The end of {}:\n{tail}", log.display())]
    Exited {
        /// How it ended.
        status: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines it logged.
        tail: String,
    },
    /// PostgreSQL runs but did not accept connections in time.
    #[error("PostgreSQL did not accept connections within {seconds} s; see {}", log.display())]
    NotReady {
        /// How long it was given.
        seconds: u64,
        /// Its log file.
        log: PathBuf,
    },
    /// PostgreSQL refused our connection or our first statements.
    #[error("PostgreSQL is running but refused the first connection: {0}")]
    Refused(#[source] sqlx::Error),
}

impl StartError {
    /// Wraps a failed file operation; for `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// PostgreSQL could not be stopped. Nothing is lost: it recovers at the next start.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// A lock file could not be used.
    #[error(transparent)]
    Lock(#[from] StartError),
    /// The signal could not be sent.
    #[error("cannot signal PostgreSQL (process {pid}): {source}")]
    Signal {
        /// The postmaster.
        pid: i32,
        /// Why not.
        source: std::io::Error,
    },
    /// It is still there.
    #[error("PostgreSQL (process {pid}) did not end within {seconds} s")]
    StillRunning {
        /// The postmaster.
        pid: i32,
        /// How long it was given.
        seconds: u64,
    },
}
