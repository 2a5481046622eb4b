//! The program's commands, run as a person or a script would run them.

use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
}

/// Runs `chancery` with these arguments on a database.
pub async fn chancery(database_url: &str, arguments: &[&str]) -> Ran {
    chancery_with(&[("CHANCERY_DATABASE_URL", database_url)], arguments).await
}

/// Runs `chancery` with these settings in its environment.
pub async fn chancery_with(settings: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(arguments)
        .env_remove("CHANCERY_DATABASE_URL")
        .env_remove("CHANCERY_DATA_DIR")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the program should run");
    Ran::from(output)
}

/// Runs `chancery` with these arguments on a database, and gives it this text to read.
pub async fn chancery_reading(database_url: &str, arguments: &[&str], text: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(arguments)
        .env("CHANCERY_DATABASE_URL", database_url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program should start");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(text.as_bytes())
        .await
        .expect("the program should read");
    drop(input);
    let output = child.wait_with_output().await;
    Ran::from(output.expect("the program should end"))
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The output, of a command that must have ended well.
    pub fn ok(self) -> String {
        assert_eq!(self.status, 0, "{self:?}");
        self.stdout
    }

    /// The output's lines as JSON.
    pub fn json(self) -> Vec<Value> {
        let lines = self.ok();
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        lines.lines().map(parse).collect()
    }

    /// Checks that it failed with this status and one line that says this.
    pub fn fails(self, status: i32, text: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert!(
            matches!(lines[..], [line] if line.starts_with("error: ") && line.contains(text)),
            "{self:?}"
        );
    }
}
