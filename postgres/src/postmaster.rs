//! Starts and stops PostgreSQL's main process.

use std::{
    ffi::OsString,
    fs,
    io::{Read, Seek, SeekFrom},
    os::unix::{ffi::OsStrExt, ffi::OsStringExt, fs::OpenOptionsExt},
    path::Path,
    time::Duration,
};

use rustix::process::Signal;
use sqlx::{Connection, PgConnection};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};

use crate::{
    StartError, StopError,
    cluster::Cluster,
    initialise,
    presence::{alive, disown_foreign_process, running, signal},
    socket,
};

/// Recovery after a crash replays at most `max_wal_size`, which takes minutes on a slow disk.
const READY_WITHIN: Duration = Duration::from_mins(10);

/// Backends of a killed postmaster end when they notice, and PostgreSQL does not start before the last one has.
const OLD_BACKENDS_END_WITHIN: Duration = Duration::from_mins(1);

/// A fast shutdown ends every session and writes a checkpoint.
const STOPS_WITHIN: Duration = Duration::from_mins(1);

const POLL: Duration = Duration::from_millis(20);

/// The log is set aside at the next start when it has grown beyond this many bytes.
const LOG_LIMIT: u64 = 16 << 20;

/// What the postmaster did after it was started or found.
enum Fate {
    Ready,
    Ended,
}

/// Makes sure PostgreSQL runs and accepts connections. Returns the process when it was started here, and nothing when
/// it was running. Call under the start lock.
pub(crate) async fn ensure(cluster: &Cluster) -> Result<Option<Child>, StartError> {
    let patience = Instant::now() + OLD_BACKENDS_END_WITHIN;
    loop {
        if let Some(pid) = running(cluster)? {
            match wait_until_ready(cluster, || !alive(pid)).await? {
                Fate::Ready => {
                    tracing::info!(pid, "attached to the running PostgreSQL");
                    return Ok(None);
                }
                Fate::Ended => continue,
            }
        }
        disown_foreign_process(cluster)?;
        initialise::write_settings(cluster, &cluster.data())?;
        let (mut child, log_start) = spawn(cluster)?;
        let pid = child.id();
        let fate = wait_until_ready(cluster, || !matches!(child.try_wait(), Ok(None))).await?;
        if let Fate::Ready = fate {
            tracing::info!(
                pid,
                version = cluster.binaries.major(),
                data = %cluster.data().display(),
                socket = %cluster.socket_dir().display(),
                "PostgreSQL started"
            );
            return Ok(Some(child));
        }
        let tail = log_since(&cluster.log(), log_start);
        let waits_for_old_backends =
            tail.contains("is still in use") || tail.contains("postmaster.pid");
        if waits_for_old_backends && Instant::now() < patience {
            tracing::warn!("processes of the PostgreSQL that was killed are still ending");
            sleep(Duration::from_millis(250)).await;
            continue;
        }
        let status = child
            .wait()
            .await
            .map_or_else(|e| e.to_string(), |s| s.to_string());
        return Err(StartError::Exited {
            status,
            log: cluster.log(),
            tail,
        });
    }
}

/// Stops the postmaster: every session is ended, nothing that was committed is lost. Call under the start lock.
pub(crate) async fn stop(cluster: &Cluster, child: Option<Child>) -> Result<(), StopError> {
    let Some(pid) = running(cluster)? else {
        return Ok(());
    };
    signal(pid, Signal::INT)?;
    let ended = async {
        // A child must be waited for, or it stays a zombie as long as we live.
        if let Some(mut child) = child
            && child.id().and_then(|id| id.try_into().ok()) == Some(pid)
        {
            let _ = child.wait().await;
        }
        while alive(pid) {
            sleep(POLL).await;
        }
    };
    tokio::time::timeout(STOPS_WITHIN, ended)
        .await
        .map_err(|_| StopError::StillRunning {
            pid,
            seconds: STOPS_WITHIN.as_secs(),
        })?;
    tracing::info!(pid, "PostgreSQL stopped");
    Ok(())
}

/// Starts the postmaster; returns it and where its messages begin in the log.
fn spawn(cluster: &Cluster) -> Result<(Child, u64), StartError> {
    let path = cluster.log();
    if fs::metadata(&path).is_ok_and(|m| m.len() > LOG_LIMIT) {
        fs::rename(&path, path.with_extension("log.1")).map_err(StartError::io("rename", &path))?;
    }
    let (log, copy) = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .and_then(|log| Ok((log.try_clone()?, log)))
        .map_err(StartError::io("open", &path))?;
    let start = fs::metadata(&path)
        .map_err(StartError::io("read", &path))?
        .len();
    let program = cluster.binaries.postgres();
    let mut command = cluster.identity.command(&program, Path::new("/"));
    command
        .arg("-D")
        .arg(cluster.data())
        .arg("-k")
        .arg(quoted(cluster.socket_dir()))
        .arg("-p")
        .arg(socket::PORT.to_string())
        .args([
            "-c",
            "listen_addresses=",
            "-c",
            "unix_socket_permissions=0700",
        ])
        .stdout(log)
        .stderr(copy);
    let child = command.spawn().map_err(|source| StartError::Run {
        program,
        user: cluster.identity.name().to_owned(),
        source,
    })?;
    Ok((child, start))
}

/// A path as an element of PostgreSQL's list of socket directories, where commas and quotes have a meaning.
fn quoted(path: &Path) -> OsString {
    let mut bytes = vec![b'"'];
    for byte in path.as_os_str().as_bytes() {
        if *byte == b'"' {
            bytes.push(b'"');
        }
        bytes.push(*byte);
    }
    bytes.push(b'"');
    OsString::from_vec(bytes)
}

/// Waits until a connection succeeds or `ended` says that there is nothing to wait for.
async fn wait_until_ready(
    cluster: &Cluster,
    mut ended: impl FnMut() -> bool,
) -> Result<Fate, StartError> {
    // Every cluster has this database.
    let options = cluster.connect_options().database("postgres");
    let mut report = Instant::now() + Duration::from_secs(5);
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        match PgConnection::connect_with(&options).await {
            Ok(mut connection) => {
                create_database_and_role(&mut connection)
                    .await
                    .map_err(StartError::Refused)?;
                let _ = connection.close().await;
                return Ok(Fate::Ready);
            }
            Err(sqlx::Error::Database(e)) if e.code().is_none_or(|code| code != "57P03") => {
                return Err(StartError::Refused(sqlx::Error::Database(e)));
            }
            Err(_) if ended() => return Ok(Fate::Ended),
            Err(_) if Instant::now() > deadline => {
                return Err(StartError::NotReady {
                    seconds: READY_WITHIN.as_secs(),
                    log: cluster.log(),
                });
            }
            Err(reason) => {
                if Instant::now() > report {
                    tracing::info!(%reason, "waiting for PostgreSQL");
                    report += Duration::from_secs(5);
                }
                sleep(POLL).await;
            }
        }
    }
}

/// Creates the program's database and the role of its servers when they are absent.
async fn create_database_and_role(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    const WANTED: [(&str, &str); 2] = [
        (
            "SELECT FROM pg_database WHERE datname = 'chancery'",
            "CREATE DATABASE chancery",
        ),
        (
            "SELECT FROM pg_roles WHERE rolname = 'chancery_server'",
            "CREATE ROLE chancery_server LOGIN",
        ),
    ];
    for (find, create) in WANTED {
        let found = sqlx::query(find).fetch_optional(&mut *connection).await?;
        if found.is_some() {
            continue;
        }
        match sqlx::query(create).execute(&mut *connection).await {
            Err(error) if !is_there(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether it exists after all: the session of a process that was killed while it created it goes on.
fn is_there(error: &sqlx::Error) -> bool {
    const DUPLICATE_DATABASE: &str = "42P04";
    const DUPLICATE_ROLE: &str = "42710";
    const UNIQUE_VIOLATION: &str = "23505";
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| {
            [DUPLICATE_DATABASE, DUPLICATE_ROLE, UNIQUE_VIOLATION].contains(&&*code)
        })
}

/// The last lines of the log from `start` on.
fn log_since(path: &Path, start: u64) -> String {
    const LONGEST: u64 = 4096;
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(start.max(length.saturating_sub(LONGEST))))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        Ok(text)
    };
    read().map_or_else(
        |e| format!("(cannot be read: {e})"),
        |text| String::from_utf8_lossy(&text).trim_end().to_owned(),
    )
}
