//! `chancery-chaos`: see `scripts/chaos --help`.

use std::path::PathBuf;
use std::process::ExitCode;

use chancery_chaos::deployment::Programs;
use chancery_chaos::report::heading;
use chancery_chaos::{Campaign, Fault};
use clap::{Parser, ValueEnum};

/// Breaks machines under a running Chancery, and holds what clients were told against what is true afterwards.
///
/// Prints a line for each fault; what is wrong goes to standard error. Exits with 1 when anything was wrong, with 2 when the harness
/// itself failed.
#[derive(Debug, Parser)]
#[command(name = "scripts/chaos", max_term_width = 120)]
struct Arguments {
    /// Rounds of each fault
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,

    /// How often the fault is injected in a round, one after another, before log and read models are verified
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    faults_per_round: u64,

    /// Only this fault; may be repeated [default: all]
    #[arg(long, value_enum, value_name = "NAME", hide_possible_values = false)]
    fault: Vec<Fault>,

    /// Servers side by side on one database
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    servers: u8,

    /// Decides what is done when; equal seeds make equal choices
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// The program under test
    #[arg(long, value_name = "FILE")]
    program: PathBuf,

    /// Another build of the program, which every second server runs
    #[arg(long, value_name = "FILE")]
    beside: Option<PathBuf>,

    /// Where to keep histories with violations, and the servers' logs
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "warn,chancery_postgres=off".into()),
        )
        .init();
    let arguments = Arguments::parse();
    let faults = if arguments.fault.is_empty() {
        Fault::value_variants().to_vec()
    } else {
        arguments.fault.clone()
    };
    let campaign = Campaign {
        programs: Programs {
            tested: arguments.program,
            beside: arguments.beside,
        },
        servers: usize::from(arguments.servers),
        rounds: arguments.rounds,
        faults: arguments.faults_per_round,
        seed: arguments.seed,
        keep: arguments.keep,
    };
    tokio::select! {
        exit = run(&campaign, &faults) => exit,
        // What runs is ended with what is dropped.
        _ = tokio::signal::ctrl_c() => ExitCode::from(130),
    }
}

async fn run(campaign: &Campaign, faults: &[Fault]) -> ExitCode {
    println!("{}", heading());
    let mut exit = ExitCode::SUCCESS;
    for fault in faults {
        if let Some(missing) = fault.needs().missing(&campaign.programs) {
            eprintln!("{} is left out: {missing}", fault.name());
            continue;
        }
        match campaign.run(*fault).await {
            Ok(line) => {
                println!("{line}");
                if !line.is_clean() {
                    exit = ExitCode::from(1);
                }
            }
            Err(error) => {
                eprintln!("{} could not be run: {error:#}", fault.name());
                return ExitCode::from(2);
            }
        }
    }
    exit
}
