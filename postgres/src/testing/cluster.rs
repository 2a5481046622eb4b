//! A durable cluster for one test, which the test may stop, start and kill.

use rustix::process::Signal;
use sqlx::postgres::PgConnectOptions;

use super::data_dir::{DataDir, data_dir};
use crate::{Embedded, Settings, cluster::SERVER, presence};

/// A durable cluster of its own, removed when dropped.
#[derive(Debug)]
pub struct TestCluster {
    embedded: Option<Embedded>,
    options: PgConnectOptions,
    // After `embedded`: the directory goes last.
    dir: DataDir,
}

/// Starts a durable cluster in a new directory.
///
/// # Panics
/// When PostgreSQL cannot be started.
pub async fn cluster() -> TestCluster {
    let dir = data_dir();
    let embedded = start(&dir).await;
    TestCluster {
        options: embedded.connect_options(),
        embedded: Some(embedded),
        dir,
    }
}

async fn start(dir: &DataDir) -> Embedded {
    match Embedded::start(Settings::new(dir.path())).await {
        Ok(embedded) => embedded,
        Err(reason) => panic!("no test cluster: {reason}"),
    }
}

impl TestCluster {
    /// The data directory.
    pub fn data_dir(&self) -> &DataDir {
        &self.dir
    }

    /// How to reach its database `chancery` as a running server does.
    pub fn server_options(&self) -> PgConnectOptions {
        self.options().username(SERVER)
    }

    /// How to reach its database `chancery` as its owner; stays right when it is stopped and started.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Stops PostgreSQL in order (fast shutdown) and leaves it stopped. Nothing happens when it is stopped.
    ///
    /// # Panics
    /// When it does not stop.
    pub async fn stop(&mut self) {
        if let Some(embedded) = self.embedded.take()
            && let Err(reason) = embedded.stop().await
        {
            panic!("the test cluster does not stop: {reason}");
        }
    }

    /// Starts PostgreSQL again after [`TestCluster::stop`]. Nothing happens when it runs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(&mut self) {
        if self.embedded.is_none() {
            self.embedded = Some(start(&self.dir).await);
        }
    }

    /// Kills PostgreSQL's main process with SIGKILL, as a crash would; it is started again by itself.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        match self.embedded.as_ref().and_then(Embedded::postmaster) {
            Some(pid) => {
                if let Err(reason) = presence::signal(pid, Signal::KILL) {
                    panic!("{reason}");
                }
            }
            None => panic!("the test cluster does not run"),
        }
    }
}
