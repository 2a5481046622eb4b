//! One fault under load, and what is true afterwards.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::{Instant, sleep};

use crate::check::{Column, Violation, check};
use crate::deployment::Deployment;
use crate::fault::Fault;
use crate::first_start;
use crate::history::{Answer, Entry};
use crate::load::Load;

/// Everybody is served again within so long after a fault is over.
const RECOVERS_WITHIN: Duration = Duration::from_secs(45);
const POLL: Duration = Duration::from_millis(20);
/// Load before a fault, in milliseconds.
const BEFORE: Range<u64> = 200..1000;
/// Load after the recovery.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// What came of one round.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Faults that were injected.
    pub faults: usize,
    /// Acts that were answered for certain.
    pub answered: usize,
    /// From the end of each fault until every server served again.
    pub recoveries: Vec<Duration>,
    /// What was wrong.
    pub violations: Vec<Violation>,
    /// What was done, for a closer look.
    pub history: Vec<Entry>,
}

/// A round under way: faults one after another, under the load of the same clients.
pub struct Round<'a> {
    deployment: &'a mut Deployment,
    fault: Fault,
    random: StdRng,
    load: Load,
    outcome: Outcome,
}

impl<'a> Round<'a> {
    /// Begins a round. Equal seeds make equal choices.
    pub fn new(deployment: &'a mut Deployment, fault: Fault, seed: u64) -> Self {
        Self {
            load: Load::new(&deployment.api, seed),
            deployment,
            fault,
            random: StdRng::seed_from_u64(seed),
            outcome: Outcome::default(),
        }
    }

    /// Lets the clients run, injects the fault, waits until everybody is served again, and looks at everything that the clients
    /// ever had in this round.
    pub async fn strike(&mut self) -> anyhow::Result<()> {
        let before = Duration::from_millis(self.random.random_range(BEFORE));
        self.load.run();
        sleep(before).await;
        self.fault
            .inject(self.deployment, &self.load, &mut self.random)
            .await?;
        let begun = Instant::now();
        let recovery = recovered(self.deployment, RECOVERS_WITHIN)
            .await?
            .then(|| begun.elapsed());
        sleep(AFTERWARDS).await;
        self.load.rest(&mut self.random).await?;
        let outcome = &mut self.outcome;
        outcome.faults += 1;
        outcome.recoveries.extend(recovery);
        let history = self.deployment.api.history.take();
        outcome.history.extend(history);
        tracing::info!(
            fault = self.fault.name(),
            number = outcome.faults,
            acts = outcome.history.len(),
            ?recovery,
        );
        Ok(())
    }

    /// Whether what clients were told so far contradicts itself, or somebody is not served.
    pub fn is_clean(&self) -> bool {
        self.outcome.recoveries.len() == self.outcome.faults && self.contradictions().is_empty()
    }

    fn contradictions(&self) -> Vec<Violation> {
        let mut found = check(&self.outcome.history);
        found.retain(|violation| !self.fault.excuses(violation));
        found
    }

    /// The servers' side.
    pub fn deployment(&self) -> &Deployment {
        self.deployment
    }

    /// Ends the round and verifies log and read models.
    pub async fn end(mut self) -> anyhow::Result<Outcome> {
        let found = self.contradictions();
        let outcome = &mut self.outcome;
        outcome.violations = found;
        for _ in outcome.recoveries.len()..outcome.faults {
            let fault = self.fault;
            let text = format!("{RECOVERS_WITHIN:?} after {fault:?} not every server serves");
            outcome
                .violations
                .push(Violation::new(Column::NotRecovered, text));
        }
        outcome.violations.extend(self.deployment.verify().await?);
        let certain = |entry: &&Entry| !matches!(entry.answer, Answer::Unclear(_));
        outcome.answered = outcome.history.iter().filter(certain).count();
        Ok(self.outcome)
    }
}

/// Runs one round of a fault that happens before there is anything.
pub async fn run_first_start(program: &Path, seed: u64) -> anyhow::Result<Outcome> {
    first_start::round(program, &mut StdRng::seed_from_u64(seed)).await
}

/// Waits until every server has done a write; `false` when one has not in time. A server that ended, as one does that is started
/// while PostgreSQL is away, is started again, as a service manager would.
pub async fn recovered(deployment: &mut Deployment, within: Duration) -> anyhow::Result<bool> {
    let deadline = Instant::now() + within;
    for (number, server) in deployment.servers.iter_mut().enumerate() {
        while deployment.api.create_group(number).await.is_none() {
            if Instant::now() > deadline {
                return Ok(false);
            }
            server.revive()?;
            sleep(POLL).await;
        }
    }
    Ok(Instant::now() <= deadline)
}
