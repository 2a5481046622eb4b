//! Kills during the very first start: cluster, database, migration, read models.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use chancery_postgres::testing::data_dir;
use rand::Rng;
use rand::rngs::StdRng;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::check::{Column, Violation};
use crate::process::{children, signal};
use crate::round::Outcome;
use crate::server::Server;

const KILLS: usize = 3;

/// Starts a server that has everything to make yet, kills it (and now and then its PostgreSQL) three times, and starts it once more.
pub(crate) async fn round(program: &Path, random: &mut StdRng) -> anyhow::Result<Outcome> {
    let scratch = tempfile::tempdir()?;
    let dir = data_dir();
    let settings = BTreeMap::from([(
        "CHANCERY_DATA_DIR".to_owned(),
        dir.path().display().to_string(),
    )]);
    let mut server = Server::new(program, scratch.path(), settings)?;
    for _ in 0..KILLS {
        server.spawn()?;
        sleep(Duration::from_millis(random.random_range(30..3000))).await;
        server.kill().await?;
        if random.random_bool(0.5)
            && let Some(postmaster) = postmaster(dir.path())
        {
            let backends = children(postmaster);
            signal(postmaster, Signal::KILL);
            for backend in backends {
                signal(backend, Signal::KILL);
            }
        }
    }
    let begun = Instant::now();
    server.spawn()?;
    let mut outcome = Outcome {
        faults: 1,
        ..Outcome::default()
    };
    match server.ready().await {
        Ok(()) => outcome.recoveries.push(begun.elapsed()),
        Err(error) => {
            let text = format!("{error:#}");
            outcome
                .violations
                .push(Violation::new(Column::NotRecovered, text));
        }
    }
    tracing::info!(fault = "first-start", recovery = ?outcome.recoveries.first());
    server.kill().await?;
    Ok(outcome)
}

fn postmaster(data_dir: &Path) -> Option<i32> {
    let file = data_dir.join("postgres/postmaster.pid");
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().next()?.trim().parse().ok()
}
