//! The floor: how often this PostgreSQL commits one insert of one event-shaped row, by pgbench.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use sqlx::Executor;

use crate::cluster::Cluster;

const DATABASE: &str = "floor";
const SCHEMA: &str = include_str!("../sql/floor_schema.sql");
const SCRIPT: &str = include_str!("../sql/floor.pgbench");

/// The prepared floor.
pub struct Floor<'a> {
    cluster: &'a Cluster,
    script: PathBuf,
}

impl<'a> Floor<'a> {
    /// Makes the table and the script.
    pub async fn prepare(cluster: &'a Cluster) -> anyhow::Result<Self> {
        cluster.create_database(DATABASE).await?;
        cluster.connect(DATABASE).await?.execute(SCHEMA).await?;
        let script = cluster.scratch().join("floor.pgbench");
        std::fs::write(&script, SCRIPT)?;
        Ok(Self { cluster, script })
    }

    /// Commits per second with `clients` connections over `duration`, after `warm_up`.
    pub async fn run(
        &self,
        clients: usize,
        warm_up: Duration,
        duration: Duration,
    ) -> anyhow::Result<f64> {
        self.pgbench(clients, warm_up).await?;
        self.pgbench(clients, duration).await
    }

    async fn pgbench(&self, clients: usize, duration: Duration) -> anyhow::Result<f64> {
        let output = self
            .cluster
            .program("pgbench", DATABASE)
            .args(["-n", "-M", "prepared", "-f"])
            .arg(&self.script)
            .args(["-c", &clients.to_string()])
            .args(["-j", &clients.min(2).to_string()])
            .args(["-T", &duration.as_secs().max(1).to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .await
            .context("cannot run pgbench")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = commits_per_second(&text);
        match rate {
            Some(rate) if output.status.success() => Ok(rate),
            _ => anyhow::bail!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// The rate in pgbench's summary, the time it took to connect left out.
fn commits_per_second(summary: &str) -> Option<f64> {
    summary
        .lines()
        .filter_map(|line| line.strip_prefix("tps = "))
        .find_map(|rest| rest.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_pgbenchs_summary() {
        let summary = "transaction type: floor\nlatency average = 0.343 ms\ninitial connection time = 2.1 ms\n\
                       tps = 2913.482 (without initial connection time)\n";
        assert_eq!(commits_per_second(summary), Some(2913.482));
        assert_eq!(commits_per_second("pgbench: error"), None);
    }
}
