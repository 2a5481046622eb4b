//! How much is measured: which stages, how long, how often, at which log sizes.

use std::time::Duration;

use clap::ValueEnum;

use crate::load::Window;
use crate::members::Size;

/// The numbers of virtual clients that exchange.
pub const CLIENTS: [usize; 3] = [1, 16, 64];
/// The numbers of virtual clients that validate tokens.
pub const VALIDATING_CLIENTS: [usize; 2] = [16, 64];

/// A part of the run that can be asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Full exchanges on a nearly empty log.
    Exchange,
    /// Token validations beside a bare handler.
    Validation,
    /// Full exchanges on logs that already hold many events.
    History,
    /// Rebuild of every projection.
    Rebuild,
    /// Verification, export and replay of the whole log.
    Verify,
    /// First pages of lists, on a small and on a large deployment.
    Lists,
}

/// A log to measure on.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// Its database.
    pub database: &'static str,
    /// How many events it is to hold before the measurement; it may be a few more.
    pub events: i64,
}

/// The whole run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often each figure is measured, in turn with its floor.
    pub rounds: usize,
    /// The load's time.
    pub window: Window,
    /// pgbench's time, after the same warm-up.
    pub floor: Duration,
    /// The small and the large log with a history.
    pub history: [Log; 2],
    /// The small and the large deployment whose lists are read.
    pub sizes: [Size; 2],
    stages: Vec<Stage>,
}

/// The log without a history: what setting up leaves.
pub const FRESH: Log = Log {
    database: "fresh",
    events: 0,
};

impl Plan {
    /// The full run or the quick one, of `only` these stages or, when empty, of all.
    pub fn new(quick: bool, only: Vec<Stage>) -> Self {
        let (rounds, warm_up, measured, floor, large) = if quick {
            (1, 1, 3, 2, 100_000)
        } else {
            (3, 2, 10, 5, 1_000_000)
        };
        let many = if quick {
            Size {
                database: "many",
                users: 10_000,
                groups: 100,
                members: 1_000,
            }
        } else {
            Size {
                database: "many",
                users: 100_000,
                groups: 1_000,
                members: 10_000,
            }
        };
        Self {
            rounds,
            window: Window {
                warm_up: Duration::from_secs(warm_up),
                measured: Duration::from_secs(measured),
            },
            floor: Duration::from_secs(floor),
            history: [
                Log {
                    database: "small",
                    events: 10_000,
                },
                Log {
                    database: "large",
                    events: large,
                },
            ],
            sizes: [
                Size {
                    database: "few",
                    users: 1_000,
                    groups: 100,
                    members: 100,
                },
                many,
            ],
            stages: only,
        }
    }

    /// Whether `stage` is to run.
    pub fn has(&self, stage: Stage) -> bool {
        self.stages.is_empty() || self.stages.contains(&stage)
    }
}
