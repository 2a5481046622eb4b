//! A deployment as a reader of the documents has it: a server with a PostgreSQL of its own, and a shell beside it.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use chancery_postgres::testing::{self, DataDir};
use tokio::process::{Child, Command};

use crate::block::{Kind, Step};
use crate::repository;

/// No document takes longer.
const LIMIT: Duration = Duration::from_mins(5);
const START_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
/// What the documents call the server and its metrics.
const URL: &str = "http://127.0.0.1:3000";
const METRICS_URL: &str = "http://127.0.0.1:9464";
/// What the reader's directory has of the repository.
const KNOWN: [&str; 4] = ["docs", "ops", "packaging", "scripts"];

pub struct Deployment {
    directory: DataDir,
    data: DataDir,
    address: SocketAddr,
    metrics_address: SocketAddr,
    _server: Child,
}

impl Deployment {
    /// Starts the server, and makes the directory in which the reader stands.
    pub async fn start() -> Self {
        let (directory, data) = (testing::data_dir(), testing::data_dir());
        for known in KNOWN {
            symlink(repository().join(known), directory.path().join(known)).unwrap();
        }
        let (address, metrics_address) = (free_address(), free_address());
        let log = std::fs::File::create(data.path().join("server.log")).unwrap();
        let server = Command::new(env!("CARGO_BIN_EXE_chancery"))
            .args(["serve", "--http-address", &address.to_string()])
            .args(["--metrics-address", &metrics_address.to_string()])
            .env("CHANCERY_DATA_DIR", data.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let deployment = Self {
            directory,
            data,
            address,
            metrics_address,
            _server: server,
        };
        tokio::time::timeout(START_LIMIT, deployment.ready())
            .await
            .unwrap_or_else(|_| panic!("not ready; it said:\n{}", deployment.log()));
        deployment
    }

    async fn ready(&self) {
        let url = format!("http://{}/readyz", self.address);
        while !reqwest::get(&url)
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            tokio::time::sleep(POLL).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("server.log")).unwrap()
    }

    /// Runs the steps in one shell. Returns what each printed.
    pub async fn run(&self, document: &str, steps: &[Step]) -> Vec<String> {
        let mark = |index: usize| format!("=== step {index} of the document ===");
        let mut script: Vec<String> = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let errors = match step.kind {
                Kind::Sh => "set -e",
                Kind::Console => "set +e",
            };
            let command = self.here(&step.command);
            script.push(format!("{errors}\necho; echo '{}'\n{command}", mark(index)));
        }
        script.push(format!("echo; echo '{}'\n", mark(steps.len())));
        let program = Path::new(env!("CARGO_BIN_EXE_chancery")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let file = self.data.path().join("document.sh");
        std::fs::write(&file, script.join("\n")).unwrap();
        let shell = Command::new("bash")
            .arg(&file)
            .current_dir(self.directory.path())
            .env("PATH", path)
            .env("CHANCERY_DATA_DIR", self.data.path())
            .env_remove("CHANCERY_DATABASE_URL")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(LIMIT, shell).await;
        let output = output
            .unwrap_or_else(|_| panic!("{document} hangs"))
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        let mut rest = &*printed;
        let mut outputs = Vec::new();
        for index in 0..=steps.len() {
            let Some((before, after)) = rest.split_once(&mark(index)) else {
                let failed = &steps[index - 1];
                panic!(
                    "{document}:{}: this failed:\n{}\n{rest}\n{}\nthe server said:\n{}",
                    failed.line,
                    failed.command,
                    String::from_utf8_lossy(&output.stderr),
                    self.log()
                );
            };
            if index > 0 {
                outputs.push(before.to_owned());
            }
            rest = after;
        }
        outputs
    }

    /// A command as it has to be here, where the server has another address and the program another place.
    fn here(&self, command: &str) -> String {
        command
            .replace(URL, &format!("http://{}", self.address))
            .replace(METRICS_URL, &format!("http://{}", self.metrics_address))
            .replace("target/release/chancery", "chancery")
    }

    /// Files in the reader's directory that were not there before.
    pub fn new_files(&self) -> Vec<String> {
        let entries = self.directory.path().read_dir().unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !KNOWN.contains(&name.as_str()))
            .collect();
        names.sort();
        names
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}
