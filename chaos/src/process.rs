//! Processes, by their ids.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

const POLL: Duration = Duration::from_millis(10);
/// A PostgreSQL that is told to quit is gone within some milliseconds.
const POLLS: usize = 1000;

/// Sends a signal; a process that is gone needs none.
pub fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid)
        && let Err(error) = kill_process(pid, signal)
    {
        tracing::debug!(%error, ?pid, "a process cannot be signalled");
    }
}

/// Ends a PostgreSQL, without care for its data, and waits until it is gone.
pub fn end(postmaster: i32) {
    signal(postmaster, Signal::QUIT);
    let process = format!("/proc/{postmaster}/cwd");
    for _ in 0..POLLS {
        // A zombie has no directory.
        if std::fs::read_link(&process).is_err() {
            return;
        }
        sleep(POLL);
    }
    tracing::warn!(postmaster, "a PostgreSQL does not end");
}

/// The children of a process.
pub fn children(parent: i32) -> Vec<i32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

fn parent_of(pid: i32) -> Option<i32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    line.trim().parse().ok()
}

/// How many descriptors a process has open.
pub fn descriptors(pid: u32) -> Option<usize> {
    Some(std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count())
}
