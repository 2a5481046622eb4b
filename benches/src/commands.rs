//! The program's own commands, each timed from the process's start to its end, with the most memory it had; and the floor
//! they stand beside, which is merely to read the same rows.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Deserialize;

use crate::cluster::Cluster;
use crate::memory::Memory;
use crate::processes::Watch;
use crate::server::Program;

const READ_ALL: &str = "COPY (SELECT * FROM events ORDER BY position) TO STDOUT";
/// The peak is the kernel's own; what a process takes in its last so many milliseconds alone is missed.
const POLL: Duration = Duration::from_millis(5);

/// A command that ended well.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    /// From its start to its end.
    pub took: Duration,
    /// The most memory it had resident, in KiB; none when it ended before it was looked at.
    pub peak_kib: Option<u64>,
    /// How many processors others kept busy meanwhile.
    pub others: f64,
}

/// How long PostgreSQL takes to hand out every event of `database` in order.
pub async fn read_all(cluster: &Cluster, database: &str) -> anyhow::Result<Duration> {
    read(cluster, database, READ_ALL).await
}

/// How long a psql takes, its start included, to run `query`, whose answer is thrown away.
pub async fn read(cluster: &Cluster, database: &str, query: &str) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let status = cluster
        .program("psql", database)
        .args(["-X", "-q", "-c", query])
        .stdout(Stdio::null())
        .status()
        .await
        .context("cannot run psql")?;
    anyhow::ensure!(status.success(), "psql ended with {status}");
    Ok(begun.elapsed())
}

/// The projections' names, as the program tells them.
pub async fn projections(program: &Program) -> anyhow::Result<Vec<String>> {
    let text = program.output(&["projections", "status", "--json"]).await?;
    let statuses: Vec<Named> = serde_json::from_str(&text)?;
    Ok(statuses.into_iter().map(|status| status.name).collect())
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Runs a command to its end; an error when it fails, as a verification does when the chain is not intact.
pub async fn run(program: &Program, arguments: &[&str]) -> anyhow::Result<Ran> {
    run_into(program, arguments, Stdio::null()).await
}

/// As [`run`], with what the command prints in a file.
pub async fn run_to_file(
    program: &Program,
    arguments: &[&str],
    file: &Path,
) -> anyhow::Result<Ran> {
    run_into(program, arguments, std::fs::File::create(file)?.into()).await
}

async fn run_into(program: &Program, arguments: &[&str], output: Stdio) -> anyhow::Result<Ran> {
    let watch = Watch::begin()?;
    let begun = Instant::now();
    let child = program
        .command(arguments)
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.path.display()))?;
    let pid = child.id();
    let mut peak_kib = None;
    let ended = child.wait_with_output();
    let watched = async {
        loop {
            // Once it has ended, there is nothing left to read.
            if let Some(Ok(memory)) = pid.map(Memory::of_process) {
                peak_kib = Some(memory.peak_kib);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let output = tokio::select! {
        output = ended => output?,
        never = watched => never,
    };
    let took = begun.elapsed();
    succeeded(output.status, &output.stderr).with_context(|| {
        let arguments = arguments.join(" ");
        format!("chancery {arguments}")
    })?;
    Ok(Ran {
        took,
        peak_kib,
        others: watch.others()?,
    })
}

fn succeeded(status: ExitStatus, stderr: &[u8]) -> anyhow::Result<()> {
    let said = String::from_utf8_lossy(stderr);
    anyhow::ensure!(status.success(), "{status}: {}", said.trim_end());
    Ok(())
}
