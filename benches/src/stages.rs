//! The stages of a run, each figure measured in turn with its floor.

use crate::cluster::Cluster;
use crate::cost::Reading;
use crate::exchange::Exchange;
use crate::floor::Floor;
use crate::get::Get;
use crate::load::{self, Outcome, Scenario};
use crate::log::{self, Ready};
use crate::plan::{CLIENTS, FRESH, Log, Plan, Stage, VALIDATING_CLIENTS};
use crate::report::{Report, grouped};
use crate::rounds::Rounds;
use crate::server::Server;

/// The MCP server the exchanged tokens are bound to; it need not exist.
const RESOURCE: &str = "https://mcp.example.com/mcp";

/// A run under way.
pub struct Run<'a> {
    /// What is measured.
    pub plan: &'a Plan,
    /// The binary under test.
    pub program: &'a std::path::Path,
    /// The PostgreSQL.
    pub cluster: &'a Cluster,
    /// Its floor.
    pub floor: Floor<'a>,
    /// What has been measured so far.
    pub report: &'a mut Report,
}

impl Run<'_> {
    /// Every stage of the plan.
    pub async fn all(&mut self) -> anyhow::Result<()> {
        if self.plan.has(Stage::Exchange) || self.plan.has(Stage::Validation) {
            self.fresh().await?;
        }
        if self.plan.has(Stage::Lists) {
            self.lists().await?;
        }
        let stages = [Stage::History, Stage::Rebuild, Stage::Verify];
        if stages.iter().any(|stage| self.plan.has(*stage)) {
            for log in self.plan.history {
                let ready = log::prepare(self.cluster, self.program, log).await?;
                self.on_history(&ready, log).await?;
            }
        }
        Ok(())
    }

    async fn fresh(&mut self) -> anyhow::Result<()> {
        let ready = log::prepare(self.cluster, self.program, FRESH).await?;
        let server = ready.program.serve().await?;
        log::wait_for_projections(self.cluster, ready.database).await?;
        self.report.memory("its start", server.memory()?);
        if self.plan.has(Stage::Exchange) {
            self.exchanges(&ready, &server, "exchange").await?;
            self.report.memory("exchanges", server.memory()?);
        }
        if self.plan.has(Stage::Validation) {
            self.validations(&ready, &server).await?;
            self.report.memory("token validations", server.memory()?);
        }
        server.stop().await
    }

    async fn on_history(&mut self, ready: &Ready, log: Log) -> anyhow::Result<()> {
        if self.plan.has(Stage::Verify) {
            self.verifications(ready).await?;
        }
        if self.plan.has(Stage::Rebuild) {
            self.rebuilds(ready).await?;
            self.exchanges_during_rebuild(ready).await?;
        }
        if self.plan.has(Stage::History) {
            self.exchanges_on(ready, log).await?;
        }
        Ok(())
    }

    async fn exchanges_on(&mut self, ready: &Ready, log: Log) -> anyhow::Result<()> {
        let size = grouped(log.events as f64);
        let server = ready.program.serve().await?;
        log::wait_for_projections(self.cluster, ready.database).await?;
        self.report
            .memory(format!("its start on {size} events"), server.memory()?);
        self.exchanges(ready, &server, &format!("exchange after {size}"))
            .await?;
        self.report.memory(
            format!("exchanges on top of {size} events"),
            server.memory()?,
        );
        server.stop().await
    }

    async fn exchanges(
        &mut self,
        ready: &Ready,
        server: &Server,
        name: &str,
    ) -> anyhow::Result<()> {
        let before = log::head(self.cluster, ready.database).await?;
        let mut measured = CLIENTS.map(Rounds::of);
        for _ in 1..=self.plan.rounds {
            for rounds in &mut measured {
                let floor = self
                    .floor
                    .run(rounds.clients, self.plan.window.warm_up, self.plan.floor)
                    .await?;
                let exchanges = exchanges(ready, rounds.clients);
                self.costed(ready, server, exchanges, rounds, floor).await?;
            }
        }
        let after = log::head(self.cluster, ready.database).await?;
        for rounds in measured {
            let floor = "pgbench, one insert of an event's shape";
            self.report
                .figure(rounds.figure(name, floor, (before, after)));
        }
        Ok(())
    }

    async fn validations(&mut self, ready: &Ready, server: &Server) -> anyhow::Result<()> {
        let tokens = self.access_tokens(ready).await?;
        let host = &ready.deployment.app.host;
        let events = log::head(self.cluster, ready.database).await?;
        let mut measured = VALIDATING_CLIENTS.map(Rounds::of);
        for _ in 1..=self.plan.rounds {
            for rounds in &mut measured {
                let bare = (0..rounds.clients).map(|_| Get::bare_handler(host));
                let bare = self.load(ready, bare.collect()).await;
                let tokens = tokens.iter().take(rounds.clients);
                let gets = tokens.map(|token| Get::token_validation(host, token));
                let floor = bare.rate;
                rounds.add_failures(bare);
                self.costed(ready, server, gets.collect(), rounds, floor)
                    .await?;
            }
        }
        for rounds in measured {
            let floor = "GET buildinfo, a handler without token or database";
            self.report
                .figure(rounds.figure("token validation", floor, (events, events)));
        }
        Ok(())
    }

    /// One token for each client, bound to the server itself, whose API then takes it.
    async fn access_tokens(&self, ready: &Ready) -> anyhow::Result<Vec<String>> {
        let resource = format!("http://{}", ready.program.address);
        let mut connection = crate::http::Connection::open(ready.program.address).await?;
        let mut tokens = Vec::with_capacity(ready.sessions.len());
        for session in &ready.sessions {
            let mut exchange = Exchange::new(&ready.deployment.app, session, &resource);
            exchange.once(&mut connection).await?;
            tokens.push(exchange.access_token().to_owned());
        }
        Ok(tokens)
    }

    /// One round of load, with what it cost.
    async fn costed<S: Scenario>(
        &self,
        ready: &Ready,
        server: &Server,
        scenarios: Vec<S>,
        rounds: &mut Rounds,
        floor: f64,
    ) -> anyhow::Result<()> {
        let pid = server.pid()?;
        let before = Reading::take(self.cluster, pid).await?;
        let outcome = self.load(ready, scenarios).await;
        let after = Reading::take(self.cluster, pid).await?;
        rounds.add_cost(before, after, outcome.operations);
        rounds.add(outcome, floor);
        Ok(())
    }

    pub(crate) async fn load<S: Scenario>(&self, ready: &Ready, scenarios: Vec<S>) -> Outcome {
        load::run(ready.program.address, scenarios, self.plan.window).await
    }
}

/// The exchanges of so many virtual clients.
pub fn exchanges(ready: &Ready, clients: usize) -> Vec<Exchange> {
    let sessions = ready.sessions.iter().take(clients);
    sessions
        .map(|session| Exchange::new(&ready.deployment.app, session, RESOURCE))
        .collect()
}
