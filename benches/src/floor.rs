//! The floor: how often this PostgreSQL commits one insert of one event-shaped row, by pgbench.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use chancery_ledger::Ledger;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, PgConnection};

use crate::cluster::Cluster;
use crate::deployment::Deployment;
use crate::seed;

/// What the floor is called where a figure stands beside it.
pub const COMMITS: &str = "pgbench, one insert of an event's shape";

const DATABASE: &str = "floor";
const SCHEMA: &str = include_str!("../sql/floor.sql");
const SCRIPT: &str = include_str!("../sql/floor.pgbench");
/// Enough for the seed to have begun with exchanges.
const EVENTS: i64 = 200;

/// The prepared floor.
pub struct Floor<'a> {
    cluster: &'a Cluster,
    script: PathBuf,
}

impl<'a> Floor<'a> {
    /// Makes the table and the script.
    pub async fn prepare(cluster: &'a Cluster) -> anyhow::Result<Self> {
        cluster.create_database(DATABASE).await?;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(cluster.options(DATABASE))
            .await?;
        Ledger::migrate(&pool).await?;
        pool.close().await;
        make_table(&mut cluster.connect(DATABASE).await?).await?;
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
        // A busy machine may not get beyond connecting in a short warm-up, which needs no rate.
        self.pgbench(clients, warm_up).await?;
        let summary = self.pgbench(clients, duration).await?;
        commits_per_second(&summary).with_context(|| format!("pgbench: {summary}"))
    }

    /// What pgbench says at its end.
    async fn pgbench(&self, clients: usize, duration: Duration) -> anyhow::Result<String> {
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
        let summary = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "pgbench: {summary}{errors}");
        Ok(summary)
    }
}

/// Makes the floor's table in a migrated database without events, after the events of the seed.
async fn make_table(connection: &mut PgConnection) -> anyhow::Result<()> {
    seed::seed(connection, &Deployment::unserved(), EVENTS).await?;
    connection.execute(SCHEMA).await?;
    Ok(())
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
    use sqlx::Connection;

    use super::*;

    /// What must be the same of both tables, their names left out.
    const SHAPES: [&str; 3] = [
        "SELECT array_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull ORDER BY attnum) \
            FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0",
        "SELECT array_agg(regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\w+ ON [a-z_.]*events', '') ORDER BY indkey::text) \
            FROM pg_index WHERE indrelid = $1::regclass",
        "SELECT reloptions FROM pg_class WHERE oid = $1::regclass",
    ];
    const EVENT_SIZE: &str = "SELECT pg_column_size(events) FROM events \
        WHERE event_type = 'code_exchanged' ORDER BY position LIMIT 1";
    const FLOOR_SIZES: &str = "SELECT min(pg_column_size(floor_events)), max(pg_column_size(floor_events)) FROM floor_events";

    #[tokio::test]
    async fn the_floors_row_is_a_row_of_events() {
        let database = chancery_postgres::testing::database().await;
        let pool = database.pool().await;
        Ledger::migrate(&pool).await.unwrap();
        let mut connection = PgConnection::connect_with(&database.options())
            .await
            .unwrap();
        let storage = "ALTER TABLE events SET (fillfactor = 90)";
        connection.execute(storage).await.unwrap();
        make_table(&mut connection).await.unwrap();
        for _ in 0..20 {
            connection.execute(SCRIPT).await.unwrap();
        }

        for shape in SHAPES {
            let mut shapes: Vec<Vec<String>> = Vec::new();
            for table in ["events", "floor_events"] {
                let query = sqlx::query_scalar(shape).bind(table);
                shapes.push(query.fetch_one(&mut connection).await.unwrap());
            }
            assert_eq!(shapes[0], shapes[1]);
        }
        let event: i32 = sqlx::query_scalar(EVENT_SIZE)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let floor: (i32, i32) = sqlx::query_as(FLOOR_SIZES)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(floor, (event, event));
    }

    #[test]
    fn the_rate_is_read_from_pgbenchs_summary() {
        let summary = "transaction type: floor\nlatency average = 0.343 ms\ninitial connection time = 2.1 ms\n\
                       tps = 2913.482 (without initial connection time)\n";
        assert_eq!(commits_per_second(summary), Some(2913.482));
        assert_eq!(commits_per_second("pgbench: error"), None);
    }
}
