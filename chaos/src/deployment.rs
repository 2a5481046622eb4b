//! Servers on a database, with a proxy between and perhaps a standby behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sqlx::ConnectOptions;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::check::{Column, Violation};
use crate::database::Database;
use crate::proxy::Proxy;
use crate::server::Server;

/// A standby begins to follow within so long.
const STREAMING_WITHIN: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);
/// Room for a cluster and a little load.
const SMALL_DISK: u32 = 400;
/// Where Debian and others put the library that changes a program's clock.
const FAKE_CLOCKS: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

/// Whether commits wait for the standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    /// There is no standby.
    None,
    /// They do not.
    Asynchronous,
    /// They do.
    Synchronous,
}

/// The builds of the program that run.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The one under test.
    pub tested: PathBuf,
    /// Another, which every second server runs.
    pub beside: Option<PathBuf>,
}

impl Programs {
    /// The program alone.
    pub fn only(tested: impl Into<PathBuf>) -> Self {
        Self {
            tested: tested.into(),
            beside: None,
        }
    }

    fn of_server(&self, number: usize) -> &Path {
        let beside = self.beside.as_deref().filter(|_| number % 2 == 1);
        beside.unwrap_or(&self.tested)
    }
}

/// What a fault needs to be there.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// Another build of the program.
    pub other_program: bool,
    /// The standby.
    pub replication: Replication,
    /// A file system for the database that is soon full. Mounting one takes root's rights.
    pub small_disk: bool,
    /// A clock of the servers that can be changed: libfaketime.
    pub fake_clock: bool,
}

impl Needs {
    /// Why this machine cannot give it, if it cannot.
    pub fn missing(self, programs: &Programs) -> Option<&'static str> {
        if self.other_program && programs.beside.is_none() {
            return Some("there is no other build of the program (--beside)");
        }
        if self.small_disk && !rustix::process::geteuid().is_root() {
            return Some("only root may mount a small file system");
        }
        if self.fake_clock && fake_clock().is_none() {
            return Some("libfaketime is not installed (Debian: apt-get install faketime)");
        }
        None
    }
}

fn fake_clock() -> Option<&'static str> {
    FAKE_CLOCKS
        .into_iter()
        .find(|path| Path::new(path).exists())
}

/// A standby and the way by which it follows.
pub struct Standby {
    /// Its cluster.
    pub database: Database,
    /// Between the standby and the primary.
    pub link: Proxy,
}

/// Everything that runs.
pub struct Deployment {
    /// The servers.
    pub servers: Vec<Server>,
    /// Their clients' side.
    pub api: Arc<Api>,
    /// Between the servers and PostgreSQL.
    pub proxy: Proxy,
    /// The primary; after a failover, what was the standby.
    pub database: Database,
    /// The standby, where the fault needs one.
    pub standby: Option<Standby>,
    programs: Programs,
    scratch: TempDir,
}

impl Deployment {
    /// Starts it all, with a first user and an app.
    pub async fn start(programs: &Programs, servers: usize, needs: Needs) -> anyhow::Result<Self> {
        let scratch = tempfile::tempdir()?;
        let database = Database::start(needs.small_disk.then_some(SMALL_DISK)).await?;
        let proxy = Proxy::start(database.socket()).await?;
        let mut settings = BTreeMap::from([
            (
                "CHANCERY_DATABASE_URL".to_owned(),
                database.url(proxy.port()),
            ),
            (
                "CHANCERY_ACCESS_URL".to_owned(),
                "http://chaos.localhost".to_owned(),
            ),
            (
                "CHANCERY_SIGNING_KEY_FILE".to_owned(),
                scratch.path().join("signing.key").display().to_string(),
            ),
        ]);
        let clock = scratch.path().join("clock");
        std::fs::write(&clock, "+0")?;
        if let Some(library) = fake_clock().filter(|_| needs.fake_clock) {
            for (name, value) in [
                ("LD_PRELOAD", library.to_owned()),
                ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
                ("FAKETIME_NO_CACHE", "1".to_owned()),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ] {
                settings.insert(name.to_owned(), value);
            }
        }
        let servers = (0..servers).map(|number| {
            let program = programs.of_server(number);
            Server::new(program, scratch.path(), settings.clone())
        });
        let mut servers: Vec<Server> = servers.collect::<anyhow::Result<_>>()?;
        for server in &mut servers {
            server.spawn()?;
            server.ready().await?;
        }
        let addresses = servers.iter().map(Server::address).collect();
        let api = Arc::new(Api::set_up(addresses).await?);
        let standby = match needs.replication {
            Replication::None => None,
            replication => Some(begin_replication(&database, replication).await?),
        };
        Ok(Self {
            servers,
            api,
            proxy,
            database,
            standby,
            programs: programs.clone(),
            scratch,
        })
    }

    /// Sets the servers' clock off by `offset`, such as `-12h`.
    pub fn set_clock(&self, offset: &str) -> anyhow::Result<()> {
        Ok(std::fs::write(self.scratch.path().join("clock"), offset)?)
    }

    /// Stops a server in order, and starts it as the build of the program that it did not run, without waiting until it is ready.
    pub async fn change_program(&mut self, number: usize) -> anyhow::Result<()> {
        let Programs { tested, beside } = self.programs.clone();
        let beside = beside.context("there is no other build of the program")?;
        let server = &mut self.servers[number];
        server.stop().await?;
        if server.change_program(beside.clone()) == beside {
            server.change_program(tested);
        }
        server.spawn()
    }

    /// The standby becomes the database.
    pub fn promoted(&mut self) -> anyhow::Result<()> {
        let standby = self.standby.take().context("there is no standby")?;
        self.proxy.redirect(standby.database.socket());
        self.database = standby.database;
        Ok(())
    }

    /// Holds the log and the read models against themselves with the program's own commands.
    pub async fn verify(&self) -> anyhow::Result<Vec<Violation>> {
        let mut found = Vec::new();
        for (arguments, column) in [
            (["audit", "verify"], Column::Gap),
            (["projections", "verify"], Column::Unequal),
        ] {
            let url = self.database.options().to_url_lossy().to_string();
            let server = self.servers.first().context("there is no server")?;
            let output = server
                .command_of(&self.programs.tested, &arguments)
                .env("CHANCERY_DATABASE_URL", url)
                .output()
                .await?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr);
                let text = format!("chancery {arguments:?}: {}: {said}", output.status);
                found.push(Violation::new(column, text));
            }
        }
        Ok(found)
    }

    /// For the self-check: makes the log or a read model wrong, so that [`Self::verify`] has something to find.
    pub async fn plant(&self, column: Column) -> anyhow::Result<()> {
        let statement = match column {
            Column::Gap => include_str!("sql/plant_gap.sql"),
            Column::Unequal => include_str!("sql/plant_unequal.sql"),
            other => anyhow::bail!("{other:?} is planted in a history"),
        };
        sqlx::query(statement)
            .execute(&mut self.database.connect().await?)
            .await?;
        Ok(())
    }

    /// Where the servers' logs are.
    pub fn scratch(&self) -> PathBuf {
        self.scratch.path().to_owned()
    }
}

async fn begin_replication(
    database: &Database,
    replication: Replication,
) -> anyhow::Result<Standby> {
    let link = Proxy::start(database.socket()).await?;
    let standby = database.standby("chaos_standby", link.port()).await?;
    let mut connection = database.connect().await?;
    let wanted = match replication {
        Replication::Synchronous => {
            for statement in [
                include_str!("sql/require_standby.sql"),
                include_str!("sql/reload.sql"),
            ] {
                sqlx::query(statement).execute(&mut connection).await?;
            }
            "streaming sync"
        }
        _ => "streaming async",
    };
    let deadline = Instant::now() + STREAMING_WITHIN;
    loop {
        let state: Option<String> = sqlx::query_scalar(include_str!("sql/standby_state.sql"))
            .fetch_optional(&mut connection)
            .await?;
        if state.as_deref() == Some(wanted) {
            return Ok(Standby {
                database: standby,
                link,
            });
        }
        anyhow::ensure!(
            Instant::now() < deadline,
            "the standby is {state:?}, not {wanted}"
        );
        sleep(POLL).await;
    }
}
