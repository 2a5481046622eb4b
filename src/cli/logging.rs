//! Logs, on standard error.

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::terminal::Escaping;

/// Flags that shape the log.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logging")]
pub struct LogArguments {
    /// How log lines look [default: pretty on a terminal, else json]
    #[arg(long, env = "CHANCERY_LOG_FORMAT", value_enum)]
    log_format: Option<LogFormat>,

    /// What is logged: a level, or directives such as `info,chancery=debug`
    #[arg(
        long,
        env = "CHANCERY_LOG_LEVEL",
        value_name = "LEVEL",
        default_value = "info"
    )]
    log_level: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl LogArguments {
    /// Begins to log.
    pub fn start(&self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.log_level)?;
        let terminal = std::io::stderr().is_terminal();
        let format = self.log_format.unwrap_or(if terminal {
            LogFormat::Pretty
        } else {
            LogFormat::Json
        });
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(|| Escaping::new(std::io::stderr()));
        let started = match format {
            LogFormat::Pretty => builder.with_ansi(terminal).compact().try_init(),
            LogFormat::Json => builder.json().flatten_event(true).try_init(),
        };
        started.map_err(|error| anyhow::anyhow!("logging cannot be started: {error}"))
    }
}
