//! Starts PostgreSQL again when it dies while the program runs.

use std::time::Duration;

use tokio::{process::Child, sync::oneshot, task::JoinHandle, time::sleep};

use crate::{StartError, cluster::Cluster, postmaster, presence};

/// How often a postmaster that is not our child is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The task that watches the postmaster.
#[derive(Debug)]
pub(crate) struct Supervisor {
    end: oneshot::Sender<()>,
    task: JoinHandle<Option<Child>>,
}

impl Supervisor {
    /// Begins to watch: `child` when this process started the postmaster.
    pub(crate) fn begin(cluster: Cluster, child: Option<Child>) -> Self {
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(watch(cluster, child, ended));
        Self { end, task }
    }

    /// Ends watching, and gives back the child.
    pub(crate) async fn end(self) -> Option<Child> {
        // The task may have ended with its runtime; then there is nothing to give back.
        let _ = self.end.send(());
        self.task.await.ok().flatten()
    }
}

async fn watch(
    cluster: Cluster,
    mut child: Option<Child>,
    mut end: oneshot::Receiver<()>,
) -> Option<Child> {
    loop {
        tokio::select! {
            _ = &mut end => return child,
            how = death(&cluster, child.as_mut()) => {
                tracing::error!(how, log = %cluster.log().display(), "PostgreSQL died, starting it again");
            }
        }
        tokio::select! {
            _ = &mut end => return None,
            started = restart(&cluster) => child = started,
        }
    }
}

/// Waits for the postmaster's end and says how it ended.
async fn death(cluster: &Cluster, child: Option<&mut Child>) -> String {
    if let Some(child) = child {
        return child
            .wait()
            .await
            .map_or_else(|e| e.to_string(), |s| s.to_string());
    }
    while matches!(presence::running(cluster), Ok(Some(_))) {
        sleep(LOOK_EVERY).await;
    }
    "it is gone".to_owned()
}

/// Tries until PostgreSQL runs: started here, or by another process that noticed first.
async fn restart(cluster: &Cluster) -> Option<Child> {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match try_restart(cluster).await {
            Ok(child) => return child,
            Err(error) => {
                tracing::error!(%error, ?pause, "PostgreSQL cannot be started, trying again after a pause");
            }
        }
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

async fn try_restart(cluster: &Cluster) -> Result<Option<Child>, StartError> {
    let _lock = cluster.locks.start().await?;
    postmaster::ensure(cluster).await
}
