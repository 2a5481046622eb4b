//! What a figure of load is made of: in each round the floor, then the load and what it cost, while others are watched.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;

use crate::cluster::Cluster;
use crate::cost::{Reading, StatementCounter};
use crate::floor::COMMITS;
use crate::get::Get;
use crate::load::{self, Scenario};
use crate::log::{self, Ready};
use crate::processes::Watch;
use crate::quantity::Quantity;
use crate::rounds::Rounds;
use crate::server::Server;
use crate::stages::Run;
use crate::tally::Outcome;

/// What reads stand beside.
pub const BARE_HANDLER: &str = "GET buildinfo, a handler without token or database";
const LOST_SWAPS: &str = "chancery_ledger_lost_swaps_total";

/// A log with the servers that run on it.
pub struct Served<'a> {
    /// The log and its deployment.
    pub ready: &'a Ready,
    /// The servers, which clients use in turn.
    pub servers: Vec<Server>,
}

/// What a load is measured beside.
#[derive(Clone, Copy, Debug)]
pub enum Beside {
    /// Commits of a row of the events' shape.
    Commits,
    /// Answers of a handler without token and database.
    BareHandler,
}

/// Figures that differ by their number of clients only.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// What is done.
    pub name: &'a str,
    /// The numbers of virtual clients.
    pub clients: &'a [usize],
    /// The floor.
    pub beside: Beside,
}

/// The rounds of a row, for each number of clients.
pub struct Measured {
    /// The rounds.
    pub rounds: Vec<Rounds>,
    /// Events in the log before and after.
    pub events: (i64, i64),
}

impl Served<'_> {
    /// Starts one server on a log, and waits until it has caught up.
    pub async fn start<'a>(cluster: &Cluster, ready: &'a Ready) -> anyhow::Result<Served<'a>> {
        let servers = vec![ready.program.serve().await?];
        log::wait_for_projections(cluster, ready.database).await?;
        Ok(Served { ready, servers })
    }

    /// The server that was started first.
    pub fn first(&self) -> anyhow::Result<&Server> {
        self.servers.first().context("no server runs")
    }

    /// Stops all servers.
    pub async fn stop(self) -> anyhow::Result<()> {
        for server in self.servers {
            server.stop().await?;
        }
        Ok(())
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(Server::address).collect()
    }

    fn pids(&self) -> anyhow::Result<Vec<u32>> {
        self.servers.iter().map(Server::pid).collect()
    }

    /// How many appends lost the head to another server so far; None when the servers do not tell.
    async fn lost_swaps(&self) -> anyhow::Result<Option<f64>> {
        let mut sum = None;
        for server in &self.servers {
            if let Some(lost) = server.counter(LOST_SWAPS).await? {
                sum = Some(sum.unwrap_or(0.0) + lost);
            }
        }
        Ok(sum)
    }
}

impl Beside {
    fn name(self) -> &'static str {
        match self {
            Self::Commits => COMMITS,
            Self::BareHandler => BARE_HANDLER,
        }
    }
}

impl Run<'_> {
    /// Measures a row; `scenarios` makes so many clients' work before each round, while nothing is measured.
    pub(crate) async fn measure<S: Scenario>(
        &self,
        served: &Served<'_>,
        row: Row<'_>,
        mut scenarios: impl AsyncFnMut(usize) -> anyhow::Result<Vec<S>>,
    ) -> anyhow::Result<Measured> {
        let before = log::head(self.cluster, served.ready.database).await?;
        let mut measured: Vec<_> = row.clients.iter().copied().map(Rounds::of).collect();
        for _ in 0..self.plan.rounds {
            for rounds in &mut measured {
                let scenarios = scenarios(rounds.clients).await?;
                let watch = Watch::begin()?;
                let floor = self.floor(served, row.beside, rounds).await?;
                self.costed(served, scenarios, rounds, floor).await?;
                rounds.add_others(watch.others()?);
            }
        }
        for rounds in &mut measured {
            let scenarios = scenarios(rounds.clients).await?;
            self.count_statements(served, scenarios, rounds).await?;
        }
        let after = log::head(self.cluster, served.ready.database).await?;
        Ok(Measured {
            rounds: measured,
            events: (before, after),
        })
    }

    /// Puts a measured row into the report.
    pub(crate) fn show(&mut self, row: Row<'_>, measured: Measured) {
        for rounds in measured.rounds {
            let figure = rounds.figure(row.name, row.beside.name(), measured.events);
            self.report.figure(figure);
        }
    }

    /// Commits per second of so many connections.
    pub(crate) async fn commits(&self, clients: usize) -> anyhow::Result<f64> {
        let warm_up = self.plan.window.warm_up;
        self.floor.run(clients, warm_up, self.plan.floor).await
    }

    /// One round of load.
    pub(crate) async fn load<S: Scenario>(
        &self,
        served: &Served<'_>,
        scenarios: Vec<S>,
    ) -> Outcome {
        let mut window = self.plan.window;
        if !S::WARMS_UP {
            window.warm_up = Duration::ZERO;
        }
        load::run(&served.addresses(), scenarios, window).await
    }

    async fn floor(
        &self,
        served: &Served<'_>,
        beside: Beside,
        rounds: &mut Rounds,
    ) -> anyhow::Result<f64> {
        match beside {
            Beside::Commits => self.commits(rounds.clients).await,
            Beside::BareHandler => {
                let host = &served.ready.deployment.app.host;
                let bare = (0..rounds.clients).map(|_| Get::bare_handler(host));
                let bare = self.load(served, bare.collect()).await;
                let rate = bare.rate;
                rounds.add_failures(bare);
                Ok(rate)
            }
        }
    }

    /// One round of load, with what it cost.
    async fn costed<S: Scenario>(
        &self,
        served: &Served<'_>,
        scenarios: Vec<S>,
        rounds: &mut Rounds,
        floor: f64,
    ) -> anyhow::Result<()> {
        let (database, pids) = (served.ready.database, served.pids()?);
        let lost_before = served.lost_swaps().await?;
        let before = Reading::take(self.cluster, database, &pids).await?;
        let outcome = self.load(served, scenarios).await;
        let after = Reading::take(self.cluster, database, &pids).await?;
        let lost = served.lost_swaps().await?;
        let answers = outcome.operations;
        let each = |whole: f64| {
            Some(whole)
                .filter(|_| answers > 0)
                .map(|whole| whole / answers as f64)
        };
        rounds.add_more(after.each_since(&before, answers));
        if served.servers.len() > 1 {
            let lost = lost
                .zip(lost_before)
                .and_then(|(now, then)| each(now - then));
            rounds.add_more([(Quantity::LostSwaps, lost)]);
        }
        if outcome.refusals > 0 {
            rounds.add_more([(Quantity::Refused, each(outcome.refusals as f64))]);
        }
        rounds.add(outcome, floor);
        Ok(())
    }

    /// One more round, in which nothing but statements is measured; only where the run has time for it.
    async fn count_statements<S: Scenario>(
        &self,
        served: &Served<'_>,
        scenarios: Vec<S>,
        rounds: &mut Rounds,
    ) -> anyhow::Result<()> {
        if !self.plan.counts_statements() {
            return Ok(());
        }
        let counter = StatementCounter::start(self.cluster, served.ready.database).await?;
        let Some(counter) = counter else {
            rounds.add_more([(Quantity::Statements, None)]);
            return Ok(());
        };
        let outcome = self.load(served, scenarios).await;
        let statements = counter.stop().await? as f64;
        if outcome.operations > 0 {
            let each = statements / outcome.operations as f64;
            rounds.add_more([(Quantity::Statements, Some(each))]);
        }
        rounds.add_uncounted(outcome);
        Ok(())
    }
}
