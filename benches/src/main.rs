//! The benchmark of Chancery: what a durable exchange, a token validation, a rebuild and the server's memory come to on
//! this machine, each beside a floor measured in the same run. The method is in README.md.
#![allow(
    clippy::cast_precision_loss,
    reason = "counts and times here are far below 2^52"
)]

mod cluster;
mod commands;
mod cost;
mod deployment;
mod exchange;
mod floor;
mod get;
mod http;
mod journal;
mod lists;
mod load;
mod log;
mod machine;
mod members;
mod memory;
mod names;
mod plan;
mod profile;
mod rebuilds;
mod report;
mod rounds;
mod seed;
mod server;
mod stages;
mod verifications;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::cluster::Cluster;
use crate::floor::Floor;
use crate::machine::Machine;
use crate::plan::{Plan, Stage};
use crate::report::Report;
use crate::stages::Run;

/// Measures a release build of Chancery on a PostgreSQL of its own. Nothing but loopback is used, and nothing is left behind.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Appends through the ledger crate in this process, beside the floor: what the ledger costs without HTTP.
    ProfileLedger,
}

#[derive(Debug, Args)]
struct Options {
    /// One short round and a smaller large log: for trying things out, not for quoting.
    #[arg(long, global = true)]
    quick: bool,
    /// How often each figure is measured; by default 3 times, or once with --quick.
    #[arg(long, value_name = "NUMBER", global = true, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: Option<u8>,
    /// Only these stages.
    #[arg(long, value_enum, num_args = 1.., value_name = "NAME")]
    only: Vec<Stage>,
    /// Writes the report to this file as JSON, too.
    #[arg(long, value_name = "FILE", global = true)]
    json: Option<PathBuf>,
    /// The server's binary; by default the one beside this program.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let Cli { command, options } = Cli::parse();
    // The load generator shares the machine with the server: one thread. The ledger in this process gets what a server gets.
    let runtime = match command {
        None => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        Some(Command::ProfileLedger) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?,
    };
    let report = runtime.block_on(run(command.as_ref(), &options))?;
    println!("\n{report}");
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if report.failures() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn run(command: Option<&Command>, options: &Options) -> anyhow::Result<Report> {
    let mut plan = Plan::new(options.quick, options.only.clone());
    if let Some(rounds) = options.rounds {
        plan.rounds = usize::from(rounds);
    }
    let cluster = Cluster::start().await?;
    let result = tokio::select! {
        report = measure(&cluster, command, &plan, options) => report,
        () = interrupted() => Err(anyhow::anyhow!("interrupted")),
    };
    cluster.stop().await?;
    result
}

async fn measure(
    cluster: &Cluster,
    command: Option<&Command>,
    plan: &Plan,
    options: &Options,
) -> anyhow::Result<Report> {
    let machine = Machine::describe(&mut cluster.connect("postgres").await?).await?;
    let mut report = Report::new(machine);
    let floor = Floor::prepare(cluster).await?;
    match command {
        Some(Command::ProfileLedger) => {
            profile::ledger(cluster, plan, &floor, &mut report).await?;
        }
        None => {
            let program = server_program(options.server.as_deref())?;
            let mut run = Run {
                plan,
                program: &program,
                cluster,
                floor,
                report: &mut report,
            };
            run.all().await?;
        }
    }
    Ok(report)
}

fn server_program(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let path = match given {
        Some(path) => path.to_path_buf(),
        None => std::env::current_exe()?.with_file_name("chancery"),
    };
    path.canonicalize()
        .with_context(|| format!("there is no server at {}", path.display()))
}

/// Ends when the user or the system asks this program to end.
async fn interrupted() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
