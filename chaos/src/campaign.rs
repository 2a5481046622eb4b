//! Many rounds of one fault.

use std::path::PathBuf;

use crate::check::{Column, Violation};
use crate::deployment::{Deployment, Programs};
use crate::fault::Fault;
use crate::history;
use crate::report::Line;
use crate::round::{self, Outcome, Round};

/// What to run.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// What runs.
    pub programs: Programs,
    /// Servers side by side.
    pub servers: usize,
    /// Rounds of each fault.
    pub rounds: u64,
    /// How often the fault is injected in a round, one after another. One that takes a deployment of its own comes once.
    pub faults: u64,
    /// Decides what is done when; times of the machine do the rest.
    pub seed: u64,
    /// Where histories with violations are kept, and the servers' logs.
    pub keep: Option<PathBuf>,
}

impl Campaign {
    /// Runs all rounds of a fault. `Err` is the harness's own failure.
    pub async fn run(&self, fault: Fault) -> anyhow::Result<Line> {
        let mut line = Line::new(fault.name());
        let mut deployment = None;
        let mut before: Vec<(u32, usize)> = Vec::new();
        for number in 0..self.rounds {
            let seed = self.seed.wrapping_mul(1_000_003).wrapping_add(number);
            if fault == Fault::FirstStart {
                let outcome = round::run_first_start(&self.programs.tested, seed).await?;
                self.note(&mut line, &outcome, number, None)?;
                continue;
            }
            if fault.consumes() {
                deployment = None;
            }
            let running = match &mut deployment {
                Some(running) => running,
                none => none
                    .insert(Deployment::start(&self.programs, self.servers, fault.needs()).await?),
            };
            let mut round = Round::new(running, fault, seed);
            for _ in 0..if fault.consumes() { 1 } else { self.faults } {
                round.strike().await?;
                if before.is_empty() {
                    before = descriptors(round.deployment());
                }
                if !round.is_clean() {
                    break;
                }
            }
            let outcome = round.end().await?;
            self.note(&mut line, &outcome, number, Some(running))?;
        }
        if let Some(running) = &deployment {
            let after = descriptors(running);
            for (pid, many) in &before {
                let now = after.iter().find(|(other, _)| other == pid);
                if let Some((_, now)) = now.filter(|(_, now)| leaks(*many, *now)) {
                    tracing::error!("process {pid} has {now} descriptors, after {many}");
                    line.count(Column::Leak);
                }
            }
        }
        Ok(line)
    }

    fn note(
        &self,
        line: &mut Line,
        outcome: &Outcome,
        number: u64,
        deployment: Option<&Deployment>,
    ) -> anyhow::Result<()> {
        line.add(outcome);
        for Violation { column, text } in &outcome.violations {
            tracing::error!(
                fault = line.fault,
                round = number,
                kind = column.heading(),
                "{text}"
            );
        }
        let Some(keep) = self
            .keep
            .as_ref()
            .filter(|_| !outcome.violations.is_empty())
        else {
            return Ok(());
        };
        let dir = keep.join(format!("{}-{}-{number}", line.fault, self.seed));
        std::fs::create_dir_all(&dir)?;
        history::write(&outcome.history, &dir.join("history.jsonl"))?;
        let Some(deployment) = deployment else {
            return Ok(());
        };
        for log in std::fs::read_dir(deployment.scratch())? {
            let log = log?;
            if log
                .path()
                .extension()
                .is_some_and(|extension| extension == "log")
            {
                std::fs::copy(log.path(), dir.join(log.file_name()))?;
            }
        }
        Ok(())
    }
}

/// Whether a process that had `before` descriptors after its first fault and has `now` after its last keeps what it should not.
/// Pools may be fuller than they were; what leaks does so fault by fault.
pub fn leaks(before: usize, now: usize) -> bool {
    now > before * 2 + 32
}

fn descriptors(deployment: &Deployment) -> Vec<(u32, usize)> {
    let servers = deployment.servers.iter();
    servers
        .filter_map(|server| Some((server.pid()?, server.descriptors()?)))
        .collect()
}
