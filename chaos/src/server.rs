//! Server processes.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::process::{descriptors, signal};

/// A start after a crash waits for PostgreSQL's recovery.
const READY_WITHIN: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(20);

/// One server: its address and settings stay, its process comes and goes.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    address: SocketAddr,
    settings: BTreeMap<String, String>,
    log: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// A server of `program` that is not started yet, with its log in `scratch`.
    pub fn new(
        program: &Path,
        scratch: &Path,
        settings: BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        Ok(Self {
            program: program.to_owned(),
            address,
            settings,
            log: scratch.join(format!("server-{}.log", address.port())),
            child: None,
        })
    }

    /// Runs another build of the program from its next start on; returns the one before.
    pub fn change_program(&mut self, program: PathBuf) -> PathBuf {
        std::mem::replace(&mut self.program, program)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the process, without waiting for it.
    pub fn spawn(&mut self) -> anyhow::Result<()> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)?;
        let child = self
            .command(&["serve"])
            .env("CHANCERY_HTTP_ADDRESS", self.address.to_string())
            .env("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true")
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Starts the process again if it ended by itself.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        if let Some(child) = &mut self.child
            && child.try_wait()?.is_some()
        {
            self.spawn()?;
        }
        Ok(())
    }

    /// A sub-command with the server's settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(&self.program, arguments)
    }

    /// The same of another build of the program.
    pub fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(&self.settings)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let url = format!("http://{}/readyz", self.address);
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let child = self.child.as_mut().context("the server is not started")?;
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("the server ended with {status}: {}", self.last_words());
            }
            if reqwest::get(&url)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(());
            }
            anyhow::ensure!(
                Instant::now() < deadline,
                "not ready: {}",
                self.last_words()
            );
            sleep(POLL).await;
        }
    }

    /// Kills the process and waits until it is gone.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Ends the process in order and waits until it is gone.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM);
        if let Some(mut child) = self.child.take() {
            child.wait().await?;
        }
        Ok(())
    }

    /// Sends the process a signal.
    pub fn signal(&self, what: Signal) {
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()) {
            signal(pid, what);
        }
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> Option<usize> {
        self.pid().and_then(descriptors)
    }

    /// The process's id.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}
