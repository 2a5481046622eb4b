//! Processor time as the kernel counts it: of chosen processes with all they started, and of everything else on the machine.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// The unit of the kernel's processor times, which is the same on every Linux.
const TICK: Duration = Duration::from_millis(10);
/// The mark of the kernel's own threads among a process's flags (`PF_KTHREAD`).
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What every process had used at one moment.
#[derive(Debug)]
pub struct Snapshot {
    at: Instant,
    /// All processors' time for processes, and what the hypervisor took, in ticks.
    busy: u64,
    processes: HashMap<i64, Process>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    parent: i64,
    flags: u64,
    /// Its own time and that of the children it has seen end, in ticks.
    ticks: u64,
}

impl Snapshot {
    /// Reads it from `/proc`.
    pub fn take() -> io::Result<Self> {
        let mut processes = HashMap::new();
        for entry in std::fs::read_dir("/proc")? {
            // A process may end between the listing and the reading.
            processes.extend(read_process(&entry?.path()));
        }
        let machine = std::fs::read_to_string("/proc/stat")?;
        Ok(Self {
            at: Instant::now(),
            busy: busy(&machine).ok_or(io::ErrorKind::InvalidData)?,
            processes,
        })
    }

    /// What the processes `roots` and all below them have used, each process counted once, ended ones included.
    pub fn used_by(&self, roots: &[i64]) -> Duration {
        TICK * u32::try_from(self.ticks(|pid| self.is_below(pid, roots))).unwrap_or(u32::MAX)
    }

    /// How many processors everything else kept busy from `earlier` until this moment: all but `root`, what is below it,
    /// and the kernel's own threads.
    fn others_since(&self, earlier: &Self, root: i64) -> f64 {
        let known = |snapshot: &Self| {
            snapshot.ticks(|pid| snapshot.is_kernel(pid) || snapshot.is_below(pid, &[root]))
        };
        let busy = self.busy.saturating_sub(earlier.busy);
        let others = busy.saturating_sub(known(self).saturating_sub(known(earlier)));
        let elapsed = (self.at - earlier.at).as_secs_f64();
        others as f64 * TICK.as_secs_f64() / elapsed
    }

    fn ticks(&self, wanted: impl Fn(i64) -> bool) -> u64 {
        let chosen = self.processes.iter().filter(|(pid, _)| wanted(**pid));
        chosen.map(|(_, process)| process.ticks).sum()
    }

    fn is_kernel(&self, pid: i64) -> bool {
        let process = self.processes.get(&pid);
        process.is_some_and(|process| process.flags & KERNEL_THREAD != 0)
    }

    fn is_below(&self, mut pid: i64, roots: &[i64]) -> bool {
        // Parents were read one after the other, so a number used again could close a circle.
        for _ in 0..self.processes.len() {
            if roots.contains(&pid) {
                return true;
            }
            let Some(process) = self.processes.get(&pid) else {
                return false;
            };
            pid = process.parent;
        }
        false
    }
}

/// Watches what others use of the machine: all but this program and what it started, PostgreSQL and servers among it.
pub struct Watch(Snapshot);

impl Watch {
    /// Watches from now on.
    pub fn begin() -> io::Result<Self> {
        Ok(Self(Snapshot::take()?))
    }

    /// How many processors others kept busy since.
    pub fn others(&self) -> io::Result<f64> {
        let own = i64::from(std::process::id());
        Ok(Snapshot::take()?.others_since(&self.0, own))
    }
}

fn read_process(path: &Path) -> Option<(i64, Process)> {
    let pid = path.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(path.join("stat")).ok()?;
    Some((pid, parse_process(&stat)?))
}

/// Fields as in proc(5): after the name in parentheses come state, parent, as 7th the flags, and as 12th to 15th the times.
fn parse_process(stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        flags: number(6)?,
        ticks: number(11)? + number(12)? + number(13)? + number(14)?,
    })
}

/// User, nice, system and stolen time of all processors. Interrupts are left out: they are nobody's, and the load on
/// loopback makes most of them.
fn busy(stat: &str) -> Option<u64> {
    let all = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = all
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    let stolen = fields.get(7).copied().unwrap_or_default();
    Some(fields.get(..3)?.iter().sum::<u64>() + stolen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(parent: i64, ticks: u64) -> Process {
        Process {
            parent,
            flags: 0,
            ticks,
        }
    }

    fn snapshot(at: Instant, busy: u64, processes: &[(i64, Process)]) -> Snapshot {
        Snapshot {
            at,
            busy,
            processes: processes.iter().copied().collect(),
        }
    }

    #[test]
    fn a_process_is_read_by_parent_flags_and_times_whatever_its_name() {
        let stat = "7 (a) b) S 3 7 7 0 -1 4194304 1 2 3 4 150 50 9 1 20 0 5 0 100";
        let expected = Process {
            parent: 3,
            flags: 4_194_304,
            ticks: 210,
        };
        assert_eq!(parse_process(stat), Some(expected));
    }

    #[test]
    fn the_machine_is_busy_with_processes_and_stolen_time_not_with_waiting_and_interrupts() {
        let stat = "cpu  10 20 30 4000 500 60 70 8 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(busy(stat), Some(68));
        assert_eq!(busy("intr 1"), None);
    }

    #[test]
    fn a_process_below_two_roots_counts_once() {
        let processes = [
            (1, process(0, 1_000)),
            (10, process(1, 100)),
            (11, process(10, 20)),
            (12, process(11, 3)),
        ];
        let snapshot = snapshot(Instant::now(), 0, &processes);
        assert_eq!(snapshot.used_by(&[10, 11]), TICK * 123);
        assert_eq!(snapshot.used_by(&[11]), TICK * 23);
        assert_eq!(snapshot.used_by(&[99]), Duration::ZERO);
    }

    #[test]
    fn others_are_what_is_left_of_the_machine_without_ours_and_the_kernels() {
        let kernel = |ticks| Process {
            flags: KERNEL_THREAD,
            ..process(0, ticks)
        };
        let begun = Instant::now();
        let before = [(2, kernel(0)), (10, process(1, 50)), (20, process(1, 0))];
        let after = [(2, kernel(10)), (10, process(1, 150)), (20, process(1, 40))];
        let earlier = snapshot(begun, 1_000, &before);
        let later = snapshot(begun + Duration::from_secs(2), 1_150, &after);
        let others = later.others_since(&earlier, 10);
        assert!((others - 0.2).abs() < 1e-9, "{others}");
    }

    #[test]
    fn this_process_is_on_the_machine() {
        let snapshot = Snapshot::take().unwrap();
        assert!(snapshot.busy > 0);
        let own = i64::from(std::process::id());
        assert!(snapshot.processes.contains_key(&own));
    }
}
