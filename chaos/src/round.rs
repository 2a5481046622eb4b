//! One fault under load, and what is true afterwards.

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
/// Load after the recovery.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// What came of one round.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Acts that were answered for certain.
    pub answered: usize,
    /// From the end of the fault until every server served again.
    pub recovery: Option<Duration>,
    /// What was wrong.
    pub violations: Vec<Violation>,
    /// What was done, for a closer look.
    pub history: Vec<Entry>,
}

/// Runs one round. Equal seeds make equal choices.
pub async fn run(deployment: &mut Deployment, fault: Fault, seed: u64) -> anyhow::Result<Outcome> {
    let mut random = StdRng::seed_from_u64(seed);
    let load = Load::start(&deployment.api, seed);
    sleep(Duration::from_millis(random.random_range(300..1200))).await;
    fault.inject(deployment, &load, &mut random).await?;
    let mut outcome = Outcome::default();
    let begun = Instant::now();
    if recovered(deployment, RECOVERS_WITHIN).await? {
        outcome.recovery = Some(begun.elapsed());
    } else {
        let text = format!("{RECOVERS_WITHIN:?} after {fault:?} not every server serves");
        outcome
            .violations
            .push(Violation::new(Column::NotRecovered, text));
    }
    sleep(AFTERWARDS).await;
    load.stop(seed).await?;
    outcome.history = deployment.api.history.take();
    let found = check(&outcome.history).into_iter();
    outcome
        .violations
        .extend(found.filter(|violation| !fault.excuses(violation)));
    outcome.violations.extend(deployment.verify().await?);
    let certain = |entry: &&Entry| !matches!(entry.answer, Answer::Unclear(_));
    outcome.answered = outcome.history.iter().filter(certain).count();
    Ok(outcome)
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
