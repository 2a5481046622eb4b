//! Rebuilds of the read models, alone and beside the server's work.

use std::cell::Cell;

use crate::commands::{self, Ran};
use crate::floor::COMMITS;
use crate::log::{self, Ready};
use crate::oauth2::exchanges;
use crate::points::Served;
use crate::processes::Watch;
use crate::quantity::Quantity;
use crate::rounds::Rounds;
use crate::stages::Run;
use crate::tally::Outcome;
use crate::verifications::WHOLE_LOG_FLOOR;

/// The virtual clients that exchange while a rebuild runs.
const CLIENTS: usize = 16;
const ALL: &[&str] = &["projections", "rebuild"];

impl Run<'_> {
    /// Rebuilds of each projection alone, and of all with one command.
    pub(crate) async fn rebuilds(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let events = log::head(self.cluster, ready.database).await?;
        let names = commands::projections(&ready.program).await?;
        let mut each: Vec<_> = names.iter().map(|name| (name, Rounds::default())).collect();
        let mut all = Rounds::default();
        for _ in 0..self.plan.rounds {
            let floor = self.whole_log_floor(ready, events).await?;
            for (name, rounds) in &mut each {
                let ran = commands::run(&ready.program, &["projections", "rebuild", name]).await?;
                rounds.add_command(ran, events, floor);
            }
            let ran = commands::run(&ready.program, ALL).await?;
            all.add_command(ran, events, floor);
        }
        for (name, rounds) in each {
            let name = ready.titled(&format!("rebuild of {name}"));
            self.report
                .figure(rounds.figure(&name, WHOLE_LOG_FLOOR, (events, events)));
        }
        self.report.figure(all.figure(
            &ready.titled("rebuild of all"),
            WHOLE_LOG_FLOOR,
            (events, events),
        ));
        Ok(())
    }

    /// Exchanges while nothing else goes on and while all projections are rebuilt, in turn.
    pub(crate) async fn exchanges_during_rebuild(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let served = Served::start(self.cluster, ready).await?;
        let before = log::head(self.cluster, ready.database).await?;
        let mut alone = Rounds::of(CLIENTS);
        let mut beside = Rounds::of(CLIENTS);
        let mut rebuilds = Rounds::default();
        for _ in 0..self.plan.rounds {
            let watch = Watch::begin()?;
            let floor = self.commits(CLIENTS).await?;
            let outcome = self.load(&served, exchanges(ready, CLIENTS)).await;
            let (undisturbed, p99_alone) = (outcome.rate, p99(&outcome));
            alone.add(outcome, floor);
            alone.add_others(watch.others()?);

            let watch = Watch::begin()?;
            let whole_log = self.whole_log_floor(ready, before).await?;
            let ended = Cell::new(false);
            let load = async {
                let outcome = self.load(&served, exchanges(ready, CLIENTS)).await;
                ended.set(true);
                outcome
            };
            let (outcome, rebuilt) = tokio::join!(load, rebuild_until(ready, &ended));
            let times = p99(&outcome)
                .zip(p99_alone)
                .map(|(with, without)| with / without);
            beside.add_more([(Quantity::P99Times, times)]);
            beside.add(outcome, undisturbed);
            beside.add_others(watch.others()?);
            for ran in rebuilt? {
                rebuilds.add_command(ran, before, whole_log);
            }
        }
        let after = log::head(self.cluster, ready.database).await?;
        served.stop().await?;
        for figure in [
            alone.figure(
                &ready.titled("exchange, nothing being rebuilt"),
                COMMITS,
                (before, after),
            ),
            beside.figure(
                &ready.titled("exchange during a rebuild"),
                "the same, nothing being rebuilt",
                (before, after),
            ),
            rebuilds.figure(
                &ready.titled("rebuild of all during exchanges"),
                WHOLE_LOG_FLOOR,
                (before, after),
            ),
        ] {
            self.report.figure(figure);
        }
        Ok(())
    }
}

/// The 99th percentile in seconds, where there is one.
fn p99(outcome: &Outcome) -> Option<f64> {
    let latency = outcome.latency?;
    Some(latency.p99.as_secs_f64()).filter(|seconds| *seconds > 0.0)
}

/// Rebuilds all projections again and again, until a rebuild ends after `ended` is set.
async fn rebuild_until(ready: &Ready, ended: &Cell<bool>) -> anyhow::Result<Vec<Ran>> {
    let mut rebuilt = Vec::new();
    while !ended.get() {
        rebuilt.push(commands::run(&ready.program, ALL).await?);
    }
    Ok(rebuilt)
}
