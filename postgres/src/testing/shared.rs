//! The cluster that all test processes share.
//!
//! Tests come and go with a runtime each, so the cluster is attached from a thread of its own, which creates and drops
//! databases on request.

use std::{
    fs,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{mpsc, oneshot};

use super::data_dir::{kill_postmaster, temporary};
use crate::{Embedded, Settings, StartError, lock::Locks, presence};

const WATCHDOG: &str = include_str!("watchdog.sh");

/// Name of the new database and how to reach it, or why there is none.
type Created = Result<(String, PgConnectOptions), String>;

enum Request {
    Create(oneshot::Sender<Created>),
    Drop(String),
}

static REQUESTS: OnceLock<mpsc::UnboundedSender<Request>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Creates a database.
pub(super) async fn create() -> Created {
    let (answer, answered) = oneshot::channel();
    let requests = REQUESTS.get_or_init(|| {
        let (sender, receiver) = mpsc::unbounded_channel();
        thread::spawn(|| serve(receiver));
        sender
    });
    let ended = |_| "the thread that creates test databases has ended".to_owned();
    requests
        .send(Request::Create(answer))
        .map_err(|e| ended(e.to_string()))?;
    answered.await.map_err(|e| ended(e.to_string()))?
}

/// Drops a database, soon.
pub(super) fn remove(name: String) {
    if let Some(requests) = REQUESTS.get() {
        // When the thread has ended, the next run's sweep drops it.
        let _ = requests.send(Request::Drop(name));
    }
}

fn serve(mut requests: mpsc::UnboundedReceiver<Request>) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(reason) => panic!("no runtime for the test cluster: {reason}"),
    };
    runtime.block_on(async move {
        let attached = attach().await.map_err(|e| e.to_string());
        while let Some(request) = requests.recv().await {
            match (&attached, request) {
                (Ok((embedded, pool)), request) => {
                    tokio::spawn(fulfil(embedded.connect_options(), pool.clone(), request));
                }
                (Err(reason), Request::Create(answer)) => {
                    let _ = answer.send(Err(reason.clone()));
                }
                (Err(_), Request::Drop(_)) => {}
            }
        }
    });
}

async fn fulfil(options: PgConnectOptions, pool: PgPool, request: Request) {
    match request {
        Request::Create(answer) => {
            let number = DATABASES.fetch_add(1, Ordering::Relaxed);
            let name = format!("test_{}_{number}", std::process::id());
            // Names of databases cannot be bound; this one is letters, digits and underscores.
            let statement = format!("CREATE DATABASE {name}");
            let created = sqlx::query(&statement).execute(&pool).await;
            let created = created
                .map(|_| (name.clone(), options.database(&name)))
                .map_err(|e| e.to_string());
            let _ = answer.send(created);
        }
        Request::Drop(name) => drop_database(&pool, &name).await,
    }
}

async fn drop_database(pool: &PgPool, name: &str) {
    // As above; the name is one that was made there.
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    if let Err(error) = sqlx::query(&statement).execute(pool).await {
        tracing::warn!(%error, name, "cannot drop a test database");
    }
}

/// Starts the shared cluster or attaches to it, and drops, meanwhile, what ended test processes left in it.
async fn attach() -> Result<(Embedded, PgPool), StartError> {
    let dir = directory()?;
    let settings = Settings {
        durable: false,
        ..Settings::new(&dir)
    };
    let embedded = match Embedded::start(settings.clone()).await {
        Err(
            reason @ (StartError::VersionMismatch { .. }
            | StartError::Exited { .. }
            | StartError::Io { .. }
            | StartError::Refused(_)),
        ) => {
            tracing::warn!(%reason, "the shared test cluster is unusable, making it anew");
            discard(&dir).await?;
            Embedded::start(settings).await?
        }
        result => result?,
    };
    begin_watchdog(&dir)?;
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .connect_with(embedded.connect_options().database("postgres"))
        .await
        .map_err(StartError::Refused)?;
    tokio::spawn(sweep(pool.clone()));
    Ok((embedded, pool))
}

/// The cluster's data directory. In a directory that everyone may write to, so it must be seen to be ours.
fn directory() -> Result<PathBuf, StartError> {
    let own = rustix::process::geteuid().as_raw();
    let dir = temporary().join(format!("chancery-test-{own}"));
    match fs::DirBuilder::new().mode(0o711).create(&dir) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        result => result.map_err(StartError::io("create", &dir))?,
    }
    let found = fs::symlink_metadata(&dir).map_err(StartError::io("read", &dir))?;
    if found.is_dir() && found.uid() == own {
        Ok(dir)
    } else {
        Err(StartError::ForeignOwner {
            path: dir,
            owner: found.uid(),
            own,
        })
    }
}

/// Removes a cluster that cannot be started, unless somebody uses it.
async fn discard(dir: &Path) -> Result<(), StartError> {
    let locks = Locks::new(dir);
    let _lock = locks.start().await?;
    let data = dir.join("postgres");
    if locks.unused()?.is_some() && data.exists() {
        kill_postmaster(&data);
        fs::remove_dir_all(&data).map_err(StartError::io("remove", &data))?;
    }
    Ok(())
}

/// Drops the databases of processes that are gone.
async fn sweep(pool: PgPool) {
    let names: Result<Vec<String>, _> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database WHERE datname ~ '^test_[0-9]+_[0-9]+$'",
    )
    .fetch_all(&pool)
    .await;
    let names = names.unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot list test databases");
        Vec::new()
    });
    for name in names {
        let pid = name.split('_').nth(1).and_then(|pid| pid.parse().ok());
        if pid.is_some_and(|pid| !presence::alive(pid)) {
            drop_database(&pool, &name).await;
        }
    }
}

/// Starts the process that stops the cluster when nobody has used it for a while; a second one ends at once.
fn begin_watchdog(dir: &Path) -> Result<(), StartError> {
    Command::new("sh")
        .args(["-c", WATCHDOG, "chancery-test-watchdog"])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map(drop)
        .map_err(StartError::io("run a shell in", dir))
}
