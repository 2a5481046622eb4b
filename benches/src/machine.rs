//! Where a run took place: figures without it mean nothing.

use std::fmt;
use std::process::Command;

use serde::Serialize;
use sqlx::{PgConnection, Row};

/// The machine and the versions of what ran on it.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// When the run began, by PostgreSQL's clock.
    pub started_at: String,
    /// Logical processors this process may use.
    pub cores: usize,
    /// The processor's name.
    pub processor: String,
    /// All memory, in MiB.
    pub memory_mib: u64,
    /// The kernel's release.
    pub kernel: String,
    /// PostgreSQL's version.
    pub postgresql: String,
    /// PostgreSQL's settings that decide what a commit costs, as `name=value`.
    pub settings: Vec<String>,
    /// The compiler's version.
    pub rustc: String,
    /// The commit of the working tree; `+changes` when files differ from it.
    pub commit: String,
}

const SETTINGS: &str = "SELECT name || '=' || current_setting(name) FROM pg_settings \
    WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers', 'max_wal_size', 'commit_delay') \
    ORDER BY name";

impl Machine {
    /// Describes this machine and the PostgreSQL behind `connection`.
    pub async fn describe(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let server = sqlx::query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS now, current_setting('server_version') AS version")
            .fetch_one(&mut *connection)
            .await?;
        let settings = sqlx::query_scalar(SETTINGS)
            .fetch_all(&mut *connection)
            .await?;
        let here = ["-C", env!("CARGO_MANIFEST_DIR")];
        let git = |arguments: &[&str]| output("git", &[&here, arguments].concat());
        // What runs write is no change of what they measure.
        let changed = git(&[
            "status",
            "--porcelain",
            ":/",
            ":!history.jsonl",
            ":!history.svg",
        ])
        .is_some_and(|text| !text.is_empty());
        let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "none".into());
        Ok(Self {
            started_at: server.try_get("now")?,
            cores: std::thread::available_parallelism().map_or(0, Into::into),
            processor: proc_field("/proc/cpuinfo", "model name"),
            memory_mib: proc_field("/proc/meminfo", "MemTotal")
                .trim_end_matches(" kB")
                .parse::<u64>()
                .map_or(0, |kib| kib / 1024),
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or_else(|_| "unknown".into(), |text| text.trim().to_owned()),
            postgresql: server.try_get("version")?,
            settings,
            rustc: output("rustc", &["-V"]).unwrap_or_else(|| "unknown".into()),
            commit: commit + if changed { "+changes" } else { "" },
        })
    }

    /// Processors and memory.
    pub fn hardware(&self) -> String {
        let Self {
            cores,
            processor,
            memory_mib,
            ..
        } = self;
        format!("{cores} cores of {processor}, {memory_mib} MiB")
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, Linux {}, {} UTC",
            self.hardware(),
            self.kernel,
            self.started_at
        )?;
        writeln!(
            f,
            "PostgreSQL {} ({})",
            self.postgresql,
            self.settings.join(" ")
        )?;
        write!(f, "{}, commit {}", self.rustc, self.commit)
    }
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn proc_field(path: &str, name: &str) -> String {
    std::fs::read_to_string(path)
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| "unknown".into())
}
