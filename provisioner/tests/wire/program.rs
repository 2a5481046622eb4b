//! The daemon of `tests/clients/provisioner`, run and told what to do.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// No step takes longer; a daemon that hangs fails the test.
pub const LIMIT: Duration = Duration::from_mins(1);

/// The program, which stops before each step and is told what to do.
pub struct Daemon {
    pub program: Child,
    commands: ChildStdin,
    events: Lines<BufReader<ChildStdout>>,
}

impl Daemon {
    /// Starts one that comes to this address.
    pub fn start(address: &str, arguments: &[&str]) -> Self {
        Self::start_with(address, "", arguments)
    }

    /// Starts one that has a key.
    pub fn start_with(address: &str, key: &str, arguments: &[&str]) -> Self {
        // The test program lies in `<target>/<profile>/deps`.
        let own = std::env::current_exe().unwrap();
        let program: PathBuf = own.ancestors().nth(3).unwrap().join("provisioner-daemon");
        assert!(
            program.exists(),
            "{} is missing: run scripts/test, which builds it",
            program.display()
        );
        let mut program = Command::new(program)
            .args(["-step", "-url", address])
            .args(arguments)
            .env("PROVISIONER_DAEMON_KEY", key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            commands: program.stdin.take().unwrap(),
            events: BufReader::new(program.stdout.take().unwrap()).lines(),
            program,
        }
    }

    /// Tells it what to do.
    pub async fn tell(&mut self, command: &str) {
        let line = format!("{command}\n");
        self.commands.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next event of that name.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["event"] == name {
                return event;
            }
        }
    }

    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(LIMIT, self.events.next_line());
        let line = line.await.expect("the daemon does nothing").unwrap();
        serde_json::from_str(&line.expect("the daemon ended")).unwrap()
    }

    /// Lets it do what it does until its session is over; how that was closed.
    pub async fn closed(&mut self) -> Value {
        loop {
            let event = self.next().await;
            match event["event"].as_str() {
                Some("at") => self.tell("go").await,
                Some("disconnected") => return event,
                _ => {}
            }
        }
    }

    /// Lets it do what it does up to before `step`.
    pub async fn go_to(&mut self, step: &str) {
        loop {
            let at = self.event("at").await;
            if at["step"] == step {
                return;
            }
            self.tell("go").await;
        }
    }

    /// What it answers to a command, given before a step.
    pub async fn ask(&mut self, command: &str, event: &str) -> Value {
        self.tell(command).await;
        self.event(event).await
    }
}
