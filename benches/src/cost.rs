//! What operations cost besides time: processor time of the server and of PostgreSQL, and what PostgreSQL's counters say.

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use crate::cluster::Cluster;
use crate::processes::Snapshot;
use crate::quantity::Quantity;

const COUNTERS: &str = include_str!("../sql/counters.sql");
const COUNT_STATEMENTS: &str = include_str!("../sql/count_statements.sql");
const STOP_COUNTING: &str = include_str!("../sql/stop_counting.sql");
const RELOAD: &str = "SELECT pg_reload_conf()";
const FORGET_STATEMENTS: &str = "SELECT pg_stat_statements_reset()";
const STATEMENTS: &str = include_str!("../sql/statements.sql");
/// Processes take a new setting between two statements; those at rest at once.
const RELOADED: Duration = Duration::from_millis(200);

/// The counters at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    server: Duration,
    postgres: Duration,
    counters: Counters,
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
struct Counters {
    wal_bytes: i64,
    wal_syncs: Option<i64>,
    transactions: i64,
}

impl Reading {
    /// Reads the counters of the servers `pids`, of the cluster and of `database`.
    pub async fn take(cluster: &Cluster, database: &str, pids: &[u32]) -> anyhow::Result<Self> {
        let mut connection = cluster.connect("postgres").await?;
        let counters = sqlx::query_as(COUNTERS)
            .bind(database)
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        let snapshot = Snapshot::take()?;
        let servers: Vec<_> = pids.iter().copied().map(i64::from).collect();
        let postmaster: Vec<_> = cluster.postmaster().into_iter().collect();
        Ok(Self {
            server: snapshot.used_by(&servers),
            postgres: snapshot.used_by(&postmaster),
            counters,
        })
    }

    /// What each of so many operations since `before` cost; nothing when there was none.
    pub fn each_since(&self, before: &Self, operations: usize) -> Vec<(Quantity, Option<f64>)> {
        if operations == 0 {
            return Vec::new();
        }
        let each = |whole: f64| Some(whole / operations as f64);
        let time = |after: Duration, before: Duration| {
            each(after.saturating_sub(before).as_secs_f64() * 1e6)
        };
        let count = |after: i64, before: i64| each((after - before) as f64);
        let (now, then) = (&self.counters, &before.counters);
        let syncs = now.wal_syncs.zip(then.wal_syncs);
        vec![
            (Quantity::ServerUs, time(self.server, before.server)),
            (Quantity::PostgresUs, time(self.postgres, before.postgres)),
            (Quantity::WalBytes, count(now.wal_bytes, then.wal_bytes)),
            (
                Quantity::WalSyncs,
                syncs.and_then(|(now, then)| count(now, then)),
            ),
            (
                Quantity::Transactions,
                count(now.transactions, then.transactions),
            ),
        ]
    }
}

/// Counts the statements that clients send. It costs a little of what it counts, so nothing else is measured meanwhile.
pub struct StatementCounter {
    connection: PgConnection,
    database: &'static str,
}

impl StatementCounter {
    /// Counts those to `database` from now on; None where `pg_stat_statements` is not installed.
    pub async fn start(cluster: &Cluster, database: &'static str) -> anyhow::Result<Option<Self>> {
        if !cluster.counts_statements() {
            return Ok(None);
        }
        let mut connection = cluster.connect("postgres").await?;
        sqlx::query(COUNT_STATEMENTS)
            .execute(&mut connection)
            .await?;
        reload(&mut connection).await?;
        sqlx::query(FORGET_STATEMENTS)
            .execute(&mut connection)
            .await?;
        Ok(Some(Self {
            connection,
            database,
        }))
    }

    /// Stops, and tells how many there were.
    pub async fn stop(mut self) -> anyhow::Result<i64> {
        let statements = sqlx::query_scalar(STATEMENTS)
            .bind(self.database)
            .fetch_one(&mut self.connection)
            .await?;
        sqlx::query(STOP_COUNTING)
            .execute(&mut self.connection)
            .await?;
        reload(&mut self.connection).await?;
        self.connection.close().await?;
        Ok(statements)
    }
}

async fn reload(connection: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query(RELOAD).execute(connection).await?;
    tokio::time::sleep(RELOADED).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_per_operation() {
        let reading = |milliseconds: u64, count: i64, wal_syncs| Reading {
            server: Duration::from_millis(milliseconds),
            postgres: Duration::from_millis(2 * milliseconds),
            counters: Counters {
                wal_bytes: 10 * count,
                wal_syncs,
                transactions: count,
            },
        };
        let cost = reading(1_000, 500, None).each_since(&reading(0, 0, Some(0)), 1_000);
        let expected = [
            (Quantity::ServerUs, Some(1_000.0)),
            (Quantity::PostgresUs, Some(2_000.0)),
            (Quantity::WalBytes, Some(5.0)),
            (Quantity::WalSyncs, None),
            (Quantity::Transactions, Some(0.5)),
        ];
        assert_eq!(cost, expected);
        assert_eq!(reading(9, 9, None).each_since(&reading(0, 0, None), 0), []);
    }
}
