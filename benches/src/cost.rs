//! What operations cost besides time: processor time of the server and of PostgreSQL, and write-ahead log.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::cluster::Cluster;
use crate::report::{Spread, grouped};

const WAL_BYTES: &str = "SELECT (pg_current_wal_lsn() - '0/0')::bigint";
/// The unit of the kernel's processor times, which is the same on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// The counters at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    server: Duration,
    postgres: Duration,
    wal_bytes: i64,
}

/// The cost of one operation, as the rounds gave it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// Processor time of the server, in microseconds.
    pub server_us: Spread,
    /// Processor time of PostgreSQL's processes, in microseconds.
    pub postgres_us: Spread,
    /// Write-ahead log, in bytes.
    pub wal_bytes: Spread,
}

/// The cost of one operation, a value for each round.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    server_us: Vec<f64>,
    postgres_us: Vec<f64>,
    wal_bytes: Vec<f64>,
}

impl Reading {
    /// Reads the counters of the server `pid` and of the cluster.
    pub async fn take(cluster: &Cluster, pid: u32) -> anyhow::Result<Self> {
        let mut connection = cluster.connect("postgres").await?;
        Ok(Self {
            server: processor_time(|process| process.pid == i64::from(pid))?,
            postgres: processor_time(|process| Some(process.parent) == cluster.postmaster())?,
            wal_bytes: sqlx::query_scalar(WAL_BYTES)
                .fetch_one(&mut connection)
                .await?,
        })
    }
}

impl Costs {
    /// Adds a round of so many operations between two readings.
    pub fn add(&mut self, before: Reading, after: Reading, operations: usize) {
        if operations == 0 {
            return;
        }
        let each = |whole: f64| whole / operations as f64;
        let microseconds = |after: Duration, before: Duration| {
            each(after.saturating_sub(before).as_secs_f64() * 1e6)
        };
        self.server_us
            .push(microseconds(after.server, before.server));
        self.postgres_us
            .push(microseconds(after.postgres, before.postgres));
        self.wal_bytes
            .push(each((after.wal_bytes - before.wal_bytes) as f64));
    }

    /// The rounds together; None without one.
    pub fn cost(&self) -> Option<Cost> {
        Some(Cost {
            server_us: Spread::of(&self.server_us)?,
            postgres_us: Spread::of(&self.postgres_us)?,
            wal_bytes: Spread::of(&self.wal_bytes)?,
        })
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "processor time {} µs of the server and {} µs of PostgreSQL, {} bytes of write-ahead log",
            grouped(self.server_us.median),
            grouped(self.postgres_us.median),
            grouped(self.wal_bytes.median)
        )
    }
}

struct Process {
    pid: i64,
    parent: i64,
    ticks: u32,
}

/// What the running processes chosen by `wanted` have used so far.
fn processor_time(wanted: impl Fn(&Process) -> bool) -> std::io::Result<Duration> {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc")? {
        // A process may end between the listing and the reading.
        if let Some(process) = read_process(&entry?.path())
            && wanted(&process)
        {
            ticks += process.ticks;
        }
    }
    Ok(TICK * ticks)
}

fn read_process(path: &Path) -> Option<Process> {
    let pid = path.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(path.join("stat")).ok()?;
    parse_stat(pid, &stat)
}

/// Fields as in proc(5): after the name in parentheses come state, parent, and as 12th and 13th the times.
fn parse_stat(pid: i64, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        ticks: ticks(11)? + ticks(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_by_parent_and_times_whatever_its_name() {
        let stat = "7 (a) b) S 3 7 7 0 -1 4194304 1 2 3 4 150 50 9 9 20 0 5 0 100";
        let process = parse_stat(7, stat).unwrap();
        assert_eq!((process.parent, process.ticks), (3, 200));
    }

    #[test]
    fn the_cost_is_per_operation() {
        let reading = |ticks: u32, wal_bytes| Reading {
            server: TICK * ticks,
            postgres: TICK * (2 * ticks),
            wal_bytes,
        };
        let mut costs = Costs::default();
        costs.add(reading(0, 0), reading(100, 5_000), 1_000);
        let cost = costs.cost().unwrap();
        let medians = [cost.server_us, cost.postgres_us, cost.wal_bytes].map(|each| each.median);
        assert_eq!(medians.map(grouped), ["1,000", "2,000", "5"]);
    }
}
