//! The logs that are measured on: a fresh deployment, its virtual clients' users, and as much history as asked for.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::deployment::Deployment;
use crate::plan::Log;
use crate::report::grouped;
use crate::seed;
use crate::server::Program;

/// Position of the last event.
pub const HEAD: &str = "SELECT position FROM ledger_head";
const CHECKPOINTS: &str =
    "SELECT name, position FROM projection_checkpoints WHERE slot = 'live' ORDER BY name";
const CATCH_UP_TIMEOUT: Duration = Duration::from_mins(30);
const POLL: Duration = Duration::from_millis(250);
/// A checkpoint may trail the log while nothing is missing, so one that rests for so long is taken to have caught up.
const AT_REST: Duration = Duration::from_secs(3);

/// A log that can be measured on.
pub struct Ready {
    /// Its database.
    pub database: &'static str,
    /// How many events it was to hold.
    pub events: i64,
    /// The program on that database.
    pub program: Program,
    /// The deployment in it.
    pub deployment: Deployment,
    /// Session tokens of the virtual clients, each of a user of its own.
    pub sessions: Vec<String>,
}

impl Ready {
    /// What a figure is called that is measured on logs of several sizes.
    pub fn titled(&self, name: &str) -> String {
        format!("{name}, {} events", grouped(self.events as f64))
    }
}

/// Makes `log`: deployment over HTTP, then users and history in bulk while the server is stopped.
pub async fn prepare(cluster: &Cluster, program: &Path, log: Log) -> anyhow::Result<Ready> {
    cluster.create_database(log.database).await?;
    let program = Program::new(program, cluster, log.database)?;
    let server = program.serve().await?;
    let deployment = Deployment::create(program.address).await?;
    server.stop().await?;

    let begun = Instant::now();
    let mut connection = cluster.connect(log.database).await?;
    let sessions = seed::seed(&mut connection, &deployment, log.events).await?;
    sqlx::query("VACUUM (ANALYZE) events")
        .execute(&mut connection)
        .await?;
    eprintln!(
        "the log {} holds {} events, seeded in {:.1} s",
        log.database,
        head(cluster, log.database).await?,
        begun.elapsed().as_secs_f64()
    );
    Ok(Ready {
        database: log.database,
        events: log.events,
        program,
        deployment,
        sessions,
    })
}

/// Position of the last event of `database`.
pub async fn head(cluster: &Cluster, database: &str) -> anyhow::Result<i64> {
    let mut connection = cluster.connect(database).await?;
    Ok(sqlx::query_scalar(HEAD).fetch_one(&mut connection).await?)
}

/// Waits until every projection of the running server has caught up with the log, so that catching up is not measured.
pub async fn wait_for_projections(cluster: &Cluster, database: &str) -> anyhow::Result<()> {
    let mut connection = cluster.connect(database).await?;
    let deadline = Instant::now() + CATCH_UP_TIMEOUT;
    let mut last: Vec<(String, i64)> = Vec::new();
    let mut moved = Instant::now();
    while Instant::now() < deadline {
        let head: i64 = sqlx::query_scalar(HEAD).fetch_one(&mut connection).await?;
        let checkpoints = sqlx::query_as(CHECKPOINTS)
            .fetch_all(&mut connection)
            .await?;
        if checkpoints != last {
            last = checkpoints;
            moved = Instant::now();
        }
        let all_at_head = last.iter().all(|(_, position)| *position >= head);
        if !last.is_empty() && (all_at_head || moved.elapsed() >= AT_REST) {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
    anyhow::bail!("the projections do not catch up: {last:?}")
}
