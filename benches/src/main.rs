//! The benchmark of Chancery: what a durable exchange, a token validation, a rebuild and the server's memory come to on
//! this machine, each beside a floor measured in the same run. The method is in README.md.
#![allow(
    clippy::cast_precision_loss,
    reason = "counts and times here are far below 2^52"
)]

mod cluster;
mod commands;
mod compare;
mod cost;
mod deployment;
mod exchange;
mod floor;
mod get;
mod history;
mod http;
mod journal;
mod lists;
mod load;
mod log;
mod machine;
mod members;
mod memory;
mod names;
mod oauth2;
mod plan;
mod plot;
mod points;
mod processes;
mod profile;
mod quantity;
mod rebuilds;
mod replicas;
mod report;
mod rounds;
mod seed;
mod server;
mod soak;
mod stages;
mod tally;
mod tokens;
mod verifications;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::cluster::Cluster;
use crate::compare::Comparison;
use crate::floor::Floor;
use crate::history::Entry;
use crate::machine::Machine;
use crate::plan::{Extent, Plan, Stage};
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
    /// Draws the recorded runs: benches/history.svg from benches/history.jsonl.
    Plot,
}

#[derive(Debug, Args)]
struct Options {
    /// A few figures in short rounds, in under three minutes; with --only, those stages in short rounds.
    #[arg(long, global = true)]
    quick: bool,
    /// With a log of ten million events, and memory over ten million exchanges: many hours, and about 100 GB of disk.
    #[arg(long, conflicts_with = "quick")]
    full: bool,
    /// How often each figure is measured.
    #[arg(long, value_name = "NUMBER", global = true, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: u8,
    /// Only these stages.
    #[arg(long, value_enum, num_args = 1.., value_name = "NAME")]
    only: Vec<Stage>,
    /// Writes the report to this file as JSON, too.
    #[arg(long, value_name = "FILE", global = true)]
    json: Option<PathBuf>,
    /// Adds the run to benches/history.jsonl.
    #[arg(long)]
    record: bool,
    /// Compares with the last run of the same extent in this file of recorded runs: fails when a ratio fell by more than 15 %.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// The server's binary; by default the one beside this program.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let Cli { command, options } = Cli::parse();
    // The load generator shares the machine with the server: one thread. The ledger in this process gets what a server gets.
    let runtime = match command {
        Some(Command::Plot) => return plot().map(|()| ExitCode::SUCCESS),
        None => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        Some(Command::ProfileLedger) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?,
    };
    // Read first: a run takes long, and what it cannot be compared with should show at once.
    let earlier = match &options.compare {
        Some(file) => Some(earlier_run(file, options.extent())?),
        None => None,
    };
    let report = runtime.block_on(run(command.is_some(), &options))?;
    println!("\n{report}");
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if report.failures() > 0 {
        return Ok(ExitCode::FAILURE);
    }
    let entry = Entry::of(&report);
    if options.record {
        history::append(Path::new(history::FILE), &entry)?;
    }
    if let Some(earlier) = earlier {
        let comparison = Comparison::of(&earlier, &entry);
        println!("\n{comparison}");
        if comparison.has_regression() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Options {
    fn extent(&self) -> Extent {
        match self {
            Self { quick: true, .. } => Extent::Quick,
            Self { full: true, .. } => Extent::Full,
            Self { .. } => Extent::Usual,
        }
    }
}

/// The last run in `file` that measured as much.
fn earlier_run(file: &Path, extent: Extent) -> anyhow::Result<Entry> {
    let runs = history::read(file)?;
    runs.into_iter()
        .rfind(|run| run.extent == extent)
        .with_context(|| format!("{} has no run that measured as much", file.display()))
}

fn plot() -> anyhow::Result<()> {
    let runs = history::read(Path::new(history::FILE))?;
    std::fs::write(plot::FILE, plot::draw(&runs)?)
        .with_context(|| format!("cannot write {}", plot::FILE))
}

async fn run(ledger_alone: bool, options: &Options) -> anyhow::Result<Report> {
    let mut plan = Plan::new(options.extent(), options.only.clone());
    plan.rounds = usize::from(options.rounds);
    let cluster = Cluster::start().await?;
    let result = tokio::select! {
        report = measure(&cluster, ledger_alone, &plan, options) => report,
        () = interrupted() => Err(anyhow::anyhow!("interrupted")),
    };
    cluster.stop().await?;
    result
}

async fn measure(
    cluster: &Cluster,
    ledger_alone: bool,
    plan: &Plan,
    options: &Options,
) -> anyhow::Result<Report> {
    let machine = Machine::describe(&mut cluster.connect("postgres").await?).await?;
    let mut report = Report::new(machine, plan.extent);
    let floor = Floor::prepare(cluster).await?;
    if ledger_alone {
        profile::ledger(cluster, plan, &floor, &mut report).await?;
        return Ok(report);
    }
    let program = server_program(options.server.as_deref())?;
    let mut run = Run {
        plan,
        program: &program,
        cluster,
        floor,
        report: &mut report,
    };
    run.all().await?;
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
