//! Starts PostgreSQL again when it dies while the program runs.

use std::{path::Path, time::Duration};

use tokio::{
    process::Child,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{StartError, cluster::Cluster, postmaster, presence};

/// How often a postmaster that is not our child is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often it is looked whether a full disk has room again.
const LOOK_FOR_ROOM_EVERY: Duration = Duration::from_millis(500);
/// So many bytes more than at the failure are room again.
const ROOM: u64 = 16 << 20;

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
    let mut told = String::new();
    let mut failures: u32 = 0;
    loop {
        match try_restart(cluster).await {
            Ok(child) => {
                if failures > 0 {
                    tracing::info!(failures, "PostgreSQL runs again");
                }
                return child;
            }
            Err(error) => {
                failures += 1;
                let error = error.to_string();
                if error != told {
                    tracing::error!(
                        error,
                        failures,
                        "PostgreSQL cannot be started, trying again and again"
                    );
                    told = error;
                }
            }
        }
        pause = if room_within(pause, || free_bytes(cluster.data_dir())).await {
            SHORTEST_PAUSE
        } else {
            LONGEST_PAUSE.min(pause * 2)
        };
    }
}

/// Waits for the time, or until the disk has more room than now: then it was full, and is not any more.
async fn room_within(time: Duration, free_bytes: impl Fn() -> u64) -> bool {
    let before = free_bytes();
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(left.min(LOOK_FOR_ROOM_EVERY)).await;
        if free_bytes() >= before.saturating_add(ROOM) {
            return true;
        }
    }
}

/// Bytes that an unprivileged user may still write; none where nobody can tell.
fn free_bytes(directory: &Path) -> u64 {
    rustix::fs::statvfs(directory).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

async fn try_restart(cluster: &Cluster) -> Result<Option<Child>, StartError> {
    let _lock = cluster.locks.start().await?;
    postmaster::ensure(cluster).await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn the_pause_after_a_full_disk_ends_when_there_is_room() {
        let (looks, freed_at_look) = (Cell::new(0), 2);
        let free = || {
            looks.set(looks.get() + 1);
            if looks.get() > freed_at_look { ROOM } else { 0 }
        };
        assert!(room_within(LONGEST_PAUSE, free).await);
        assert_eq!(looks.get(), freed_at_look + 1);
    }

    #[tokio::test]
    async fn a_little_more_room_ends_no_pause() {
        let free = Cell::new(0);
        let grows = || free.replace(ROOM - 1);
        assert!(!room_within(SHORTEST_PAUSE, grows).await);
    }
}
