//! The server under test: the release binary as a child process, as anyone would run it.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::process::{Child, Command};

use crate::cluster::Cluster;
use crate::http::Connection;
use crate::memory::Memory;

const START_TIMEOUT: Duration = Duration::from_mins(2);
const STOP_TIMEOUT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);

/// The `chancery` binary and the database it is to use.
#[derive(Clone, Debug)]
pub struct Program {
    /// The binary.
    pub path: PathBuf,
    /// Where it listens; the same at every start, as tokens may be bound to it.
    pub address: SocketAddr,
    metrics_address: SocketAddr,
    access_url: String,
    database_url: String,
    scratch: PathBuf,
}

/// A running server; it is killed when dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    metrics_address: SocketAddr,
}

impl Program {
    /// `path` on `database` of `cluster`, at a free port of the loopback interface.
    pub fn new(path: &Path, cluster: &Cluster, database: &str) -> anyhow::Result<Self> {
        let address = free_address()?;
        Ok(Self {
            path: path.to_path_buf(),
            address,
            metrics_address: free_address()?,
            access_url: format!("http://{address}"),
            database_url: cluster.url(database),
            scratch: cluster.scratch().to_path_buf(),
        })
    }

    /// The same on the same database, at another port: a replica, whose clients know it by the same URL.
    pub fn replica(&self) -> std::io::Result<Self> {
        Ok(Self {
            address: free_address()?,
            metrics_address: free_address()?,
            ..self.clone()
        })
    }

    /// A sub-command of the program.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .env("CHANCERY_DATABASE_URL", &self.database_url)
            // The signing key's place: that of the machine's own server is not touched.
            .env("CHANCERY_DATA_DIR", &self.scratch)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a sub-command to its end and gives what it printed.
    pub async fn output(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments).output().await?;
        anyhow::ensure!(
            output.status.success(),
            "chancery {}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Starts the server, with its rate limits off and all else as it comes, and waits until it answers.
    pub async fn serve(&self) -> anyhow::Result<Server> {
        let log = self.scratch.join("server.log");
        let file = File::options().create(true).append(true).open(&log)?;
        let child = self
            .command(&["serve"])
            .env("CHANCERY_HTTP_ADDRESS", self.address.to_string())
            .env("CHANCERY_METRICS_ADDRESS", self.metrics_address.to_string())
            .env("CHANCERY_ACCESS_URL", &self.access_url)
            .env("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true")
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {}", self.path.display()))?;
        let mut server = Server {
            child,
            address: self.address,
            metrics_address: self.metrics_address,
        };
        server
            .wait_until_healthy()
            .await
            .with_context(|| last_lines(&log))?;
        Ok(server)
    }
}

impl Server {
    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process's id.
    pub fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("the server has ended")
    }

    /// The process's memory.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        Ok(Memory::of_process(self.pid()?)?)
    }

    /// A counter among the server's metrics, summed over its labels; None when there is none of that name.
    pub async fn counter(&self, name: &str) -> anyhow::Result<Option<f64>> {
        let request = format!(
            "GET /metrics HTTP/1.1\r\nhost: {}\r\n\r\n",
            self.metrics_address
        );
        let mut connection = Connection::open(self.metrics_address).await?;
        let answer = connection.send(request.as_bytes()).await?;
        anyhow::ensure!(answer.status == 200, "GET /metrics: {}", answer.status);
        Ok(sum_of_metric(std::str::from_utf8(answer.body)?, name))
    }

    /// Asks the server to stop, as an operator does (SIGTERM), and waits for it.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.pid()?;
        let asked = Command::new("kill").arg(pid.to_string()).status().await?;
        anyhow::ensure!(asked.success(), "cannot signal the server");
        let status = tokio::time::timeout(STOP_TIMEOUT, self.child.wait())
            .await
            .context("the server did not stop in time")??;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    async fn wait_until_healthy(&mut self) -> anyhow::Result<()> {
        let request = format!(
            "GET /api/v2/buildinfo HTTP/1.1\r\nhost: {}\r\n\r\n",
            self.address
        );
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the server ended at its start with {status}");
            }
            if let Ok(mut connection) = Connection::open(self.address).await
                && let Ok(answer) = connection.send(request.as_bytes()).await
                && answer.status == 200
            {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "the server does not answer");
            tokio::time::sleep(POLL).await;
        }
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The sum of a metric's samples in the text format of Prometheus.
fn sum_of_metric(text: &str, name: &str) -> Option<f64> {
    let samples = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with([' ', '{'])
            .then(|| rest.rsplit_once(' ')?.1.parse::<f64>().ok())?
    });
    samples.reduce(|sum, sample| sum + sample)
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(15)..];
    format!("the server's last words:\n{}", last.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels_and_known_by_its_whole_name() {
        let text = "# TYPE lost counter\nlost_total{by=\"a b\"} 3\nlost_total{by=\"c\"} 4\nlost_total_more 9\nheld 1\n";
        assert_eq!(sum_of_metric(text, "lost_total"), Some(7.0));
        assert_eq!(sum_of_metric(text, "held"), Some(1.0));
        assert_eq!(sum_of_metric(text, "lost"), None);
    }
}
