//! Whole-log work, by the program's own commands: rebuild of every projection and verification of the chain, each beside
//! the floor of merely reading the same rows.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Deserialize;

use crate::cluster::Cluster;
use crate::server::Program;

const READ_ALL: &str = "COPY (SELECT * FROM events ORDER BY position) TO STDOUT";

/// How long PostgreSQL takes to hand out every event of `database` in order.
pub async fn read_all(cluster: &Cluster, database: &str) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let status = cluster
        .program("psql", database)
        .args(["-X", "-q", "-c", READ_ALL])
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

/// How long the rebuild of one projection takes, the program's start and the swap included.
pub async fn projection(program: &Program, name: &str) -> anyhow::Result<Duration> {
    timed(program, &["projections", "rebuild", name]).await
}

/// What is done with the whole log: its name in the report, and the program's arguments. The file is written by the one
/// and read by the next.
pub fn whole_log(file: &str) -> [(&'static str, Vec<String>); 4] {
    let command = |arguments: &[&str]| arguments.iter().map(|text| (*text).to_owned()).collect();
    let replay = ["audit", "replay", "--all", "--schema", "bench", "--replace"];
    [
        ("verification", command(&["audit", "verify"])),
        ("export", command(&["audit", "export", file])),
        (
            "verification of the export",
            command(&["audit", "verify", file]),
        ),
        ("replay of everything", command(&replay)),
    ]
}

/// How long a command takes; an error when it fails, as a verification does when the chain is not intact.
pub async fn command(program: &Program, arguments: &[String]) -> anyhow::Result<Duration> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    timed(program, &arguments).await
}

async fn timed(program: &Program, arguments: &[&str]) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    program.output(arguments).await?;
    Ok(begun.elapsed())
}
