//! How much is measured: which stages, how long, how often, at which log sizes.

use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::load::Window;
use crate::members::Size;

/// The most virtual clients there are, each a user of its own.
pub const MOST_CLIENTS: usize = 64;
/// How many servers share a database in the stage [`Stage::Replicas`].
pub const REPLICAS: [usize; 2] = [2, 3];

/// A part of the run that can be asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Full exchanges on a nearly empty log.
    Exchange,
    /// Refreshes, each with the token that the last one gave.
    Refresh,
    /// Revocations of living tokens.
    Revocation,
    /// Full exchanges of many clients for one user of one app.
    Contended,
    /// Token validations beside a bare handler.
    Validation,
    /// Introspections beside a bare handler.
    Introspection,
    /// Full exchanges with two and three servers on one database.
    Replicas,
    /// Full exchanges on logs that already hold many events.
    History,
    /// Rebuild of every projection.
    Rebuild,
    /// Verification, export and replay of the whole log.
    Verify,
    /// First pages of lists, on a small and on a large deployment.
    Lists,
    /// The server's memory over many exchanges.
    Soak,
}

/// How much of everything a run measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// A few figures in short rounds.
    Quick,
    /// All of them.
    Usual,
    /// All of them, with a log of ten million events and as many exchanges.
    Full,
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
    /// How much is measured.
    pub extent: Extent,
    /// How often each figure is measured, in turn with its floor.
    pub rounds: usize,
    /// The load's time.
    pub window: Window,
    /// pgbench's time, after the same warm-up.
    pub floor: Duration,
    /// The numbers of virtual clients that exchange.
    pub exchanging: &'static [usize],
    /// The numbers of virtual clients that do anything else.
    pub clients: &'static [usize],
    /// Grants that are revoked in a round, of all clients together.
    pub revocations: usize,
    /// Exchanges in the stage [`Stage::Soak`].
    pub soak: usize,
    /// The logs with a history, the smallest first.
    pub history: Vec<Log>,
    /// The small and the large deployment whose lists are read.
    pub sizes: [Size; 2],
    stages: Vec<Stage>,
}

/// The log without a history: what setting up leaves.
pub const FRESH: Log = Log {
    database: "fresh",
    events: 0,
};

const QUICK_STAGES: [Stage; 5] = [
    Stage::Exchange,
    Stage::Refresh,
    Stage::Contended,
    Stage::Validation,
    Stage::Introspection,
];

impl Plan {
    /// A run of this extent, of `only` these stages or, when empty, of all that the extent has.
    pub fn new(extent: Extent, only: Vec<Stage>) -> Self {
        let is_quick = extent == Extent::Quick;
        let (warm_up, measured, floor, large) = if is_quick {
            (1, 2, 2, 100_000)
        } else {
            (2, 10, 5, 1_000_000)
        };
        let log = |database, events| Log { database, events };
        let mut history = vec![log("small", 10_000), log("large", large)];
        if extent == Extent::Full {
            history.push(log("huge", 10_000_000));
        }
        let size = |database, users, groups, members| Size {
            database,
            users,
            groups,
            members,
        };
        let many = if is_quick {
            size("many", 10_000, 100, 1_000)
        } else {
            size("many", 100_000, 1_000, 10_000)
        };
        Self {
            extent,
            rounds: 3,
            window: Window {
                warm_up: Duration::from_secs(warm_up),
                measured: Duration::from_secs(measured),
            },
            floor: Duration::from_secs(floor),
            exchanging: &[1, 16, 64],
            clients: if is_quick { &[64] } else { &[16, 64] },
            revocations: if is_quick { 3_200 } else { 12_800 },
            soak: match extent {
                Extent::Quick => 20_000,
                Extent::Usual => 500_000,
                Extent::Full => 10_000_000,
            },
            history,
            sizes: [size("few", 1_000, 100, 100), many],
            stages: if only.is_empty() && is_quick {
                QUICK_STAGES.to_vec()
            } else {
                only
            },
        }
    }

    /// Whether `stage` is to run.
    pub fn has(&self, stage: Stage) -> bool {
        self.stages.is_empty() || self.stages.contains(&stage)
    }

    /// Whether statements are counted, which takes a round more.
    pub fn counts_statements(&self) -> bool {
        self.extent != Extent::Quick
    }

    /// Whether any of `stages` is to run.
    pub fn has_any(&self, stages: &[Stage]) -> bool {
        stages.iter().any(|stage| self.has(*stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_run_ends_within_three_minutes() {
        let plan = Plan::new(Extent::Quick, Vec::new());
        let loads = |stages: &[Stage], clients: usize| {
            clients * stages.iter().filter(|stage| plan.has(**stage)).count()
        };
        let beside_commits = loads(&[Stage::Exchange], plan.exchanging.len())
            + loads(&[Stage::Refresh, Stage::Contended], plan.clients.len());
        let reads = [Stage::Validation, Stage::Introspection];
        let beside_requests = loads(&reads, plan.clients.len());
        let load = plan.window.warm_up + plan.window.measured;
        let commits = plan.window.warm_up + plan.floor;
        let point = u32::try_from(beside_commits).unwrap() * (load + commits)
            + u32::try_from(beside_requests).unwrap() * 2 * load;
        let whole = point * u32::try_from(plan.rounds).unwrap();
        assert!(whole < Duration::from_secs(140), "{whole:?}");
        assert!(!plan.has_any(&[Stage::History, Stage::Rebuild, Stage::Lists, Stage::Soak]));
    }

    #[test]
    fn every_stage_can_be_asked_for_in_a_quick_run() {
        let plan = Plan::new(Extent::Quick, vec![Stage::Lists]);
        assert!(plan.has(Stage::Lists) && !plan.has(Stage::Exchange));
    }
}
