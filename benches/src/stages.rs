//! The stages of a run.

use crate::cluster::Cluster;
use crate::floor::Floor;
use crate::log::{self, Ready};
use crate::plan::{FRESH, Log, Plan, Stage};
use crate::points::Served;
use crate::report::{Report, grouped};

/// What is measured on one nearly empty log, in this order.
const ON_A_FRESH_LOG: [Stage; 8] = [
    Stage::Exchange,
    Stage::Refresh,
    Stage::Revocation,
    Stage::Contended,
    Stage::Validation,
    Stage::Introspection,
    Stage::Replicas,
    Stage::Soak,
];
const ON_LOGS_WITH_A_HISTORY: [Stage; 3] = [Stage::History, Stage::Rebuild, Stage::Verify];

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
        if self.plan.has_any(&ON_A_FRESH_LOG) {
            self.fresh().await?;
        }
        if self.plan.has(Stage::Lists) {
            self.lists().await?;
        }
        if self.plan.has_any(&ON_LOGS_WITH_A_HISTORY) {
            for log in &self.plan.history {
                let ready = log::prepare(self.cluster, self.program, *log).await?;
                self.on_history(&ready, *log).await?;
            }
        }
        Ok(())
    }

    async fn fresh(&mut self) -> anyhow::Result<()> {
        let ready = log::prepare(self.cluster, self.program, FRESH).await?;
        let mut served = Served::start(self.cluster, &ready).await?;
        self.report.memory("its start", served.first()?.memory()?);
        for stage in ON_A_FRESH_LOG {
            if self.plan.has(stage) {
                let what = self.on_fresh(stage, &mut served).await?;
                self.report.memory(what, served.first()?.memory()?);
            }
        }
        served.stop().await
    }

    /// One stage on a nearly empty log, and what was done in it.
    async fn on_fresh(
        &mut self,
        stage: Stage,
        served: &mut Served<'_>,
    ) -> anyhow::Result<&'static str> {
        let what = match stage {
            Stage::Exchange => {
                self.exchanges(served, "exchange").await?;
                "exchanges"
            }
            Stage::Refresh => {
                self.refreshes(served).await?;
                "refreshes"
            }
            Stage::Revocation => {
                self.revocations(served).await?;
                "revocations"
            }
            Stage::Contended => {
                self.contended(served).await?;
                "contended exchanges"
            }
            Stage::Validation => {
                self.validations(served).await?;
                "token validations"
            }
            Stage::Introspection => {
                self.introspections(served).await?;
                "introspections"
            }
            Stage::Replicas => {
                self.replicas(served).await?;
                "exchanges beside replicas"
            }
            Stage::Soak => {
                self.soak(served).await?;
                "many exchanges"
            }
            Stage::History | Stage::Rebuild | Stage::Verify | Stage::Lists => {
                anyhow::bail!("{stage:?} needs a log of its own")
            }
        };
        Ok(what)
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
        let served = Served::start(self.cluster, ready).await?;
        let memory = served.first()?.memory()?;
        self.report
            .memory(format!("its start on {size} events"), memory);
        self.exchanges(&served, &format!("exchange after {size}"))
            .await?;
        let memory = served.first()?.memory()?;
        self.report
            .memory(format!("exchanges on top of {size} events"), memory);
        served.stop().await
    }
}
