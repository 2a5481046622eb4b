//! One server process on a database of its own.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chancery_postgres::testing::{self, TestDatabase};
use reqwest::{Method, RequestBuilder};
use sqlx::{ConnectOptions, PgPool};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::{Answer, OWNER_EMAIL, OWNER_NAME, PASSWORD, Params, Session, license_keys};

const START_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(10);

/// A running `chancery serve`. It is killed when dropped; its database goes with it.
pub struct Server {
    process: Option<Process>,
    address: SocketAddr,
    metrics_address: SocketAddr,
    settings: BTreeMap<String, String>,
    /// How many files the process may have open; None: as many as this one.
    files: Option<u32>,
    logs: Arc<Mutex<String>>,
    http: reqwest::Client,
    pool: PgPool,
    database: Arc<TestDatabase>,
}

struct Process {
    child: Child,
    readers: [JoinHandle<()>; 2],
}

impl Server {
    /// Starts a server without rate limits on a fresh database and waits until it is ready.
    pub async fn start() -> Self {
        Self::start_with(&[("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true")]).await
    }

    /// Starts a server without rate limits that may have so many files open, on a fresh database, and waits until it is ready.
    pub async fn start_with_files(files: u32) -> Self {
        let settings = [("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true")];
        Self::start_limited(&settings, Some(files)).await
    }

    /// Starts a server with these environment settings on a fresh database and waits until it is ready.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_limited(settings, None).await
    }

    async fn start_limited(settings: &[(&str, &str)], files: Option<u32>) -> Self {
        let database = Arc::new(testing::database().await);
        let mut settings: BTreeMap<String, String> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let url = database.options().to_url_lossy().to_string();
        settings
            .entry("CHANCERY_DATABASE_URL".to_owned())
            .or_insert(url);
        // A key is of one log, and the default one is of this machine's.
        if !settings.contains_key("CHANCERY_SIGNING_KEY_FILE") {
            settings
                .entry("CHANCERY_UNSIGNED_LOG".to_owned())
                .or_insert("true".to_owned());
        }
        settings
            .entry("CHANCERY_LICENSE_KEYS".to_owned())
            .or_insert_with(license_keys);
        Self::start_on(database, settings, files).await
    }

    /// Starts another server with the same settings on the same database, which stands for the same site.
    pub async fn replica(&self) -> Self {
        let mut settings = self.settings.clone();
        settings.insert("CHANCERY_ACCESS_URL".to_owned(), self.url());
        Self::start_on(Arc::clone(&self.database), settings, self.files).await
    }

    async fn start_on(
        database: Arc<TestDatabase>,
        settings: BTreeMap<String, String>,
        files: Option<u32>,
    ) -> Self {
        let mut server = Self {
            process: None,
            address: free_address(),
            metrics_address: free_address(),
            settings,
            files,
            logs: Arc::default(),
            http: reqwest::Client::builder()
                .user_agent("chancery-tests")
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_mins(1))
                .build()
                .expect("an HTTP client"),
            pool: database.pool().await,
            database,
        };
        server.run().await;
        server
    }

    /// Starts the process again, on the same address and database, after [`Self::kill`] or [`Self::stop`].
    pub async fn run(&mut self) {
        assert!(self.process.is_none(), "the server runs already");
        let mut child = self
            .program()
            .arg("serve")
            .env("CHANCERY_HTTP_ADDRESS", self.address.to_string())
            .env("CHANCERY_METRICS_ADDRESS", self.metrics_address.to_string())
            .envs(&self.settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server's program should start");
        let readers = [
            self.keep(child.stdout.take().expect("a pipe")),
            self.keep(child.stderr.take().expect("a pipe")),
        ];
        self.process = Some(Process { child, readers });
        tokio::time::timeout(START_LIMIT, self.ready())
            .await
            .unwrap_or_else(|_| panic!("the server is not ready; it said:\n{}", self.logs()));
    }

    fn program(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_chancery");
        let Some(files) = self.files else {
            return Command::new(program);
        };
        let mut shell = Command::new("sh");
        let limited = format!("ulimit -n {files} && exec \"$0\" \"$@\"");
        shell.args(["-c", &limited, program]);
        shell
    }

    /// Kills the process with SIGKILL and waits until it is gone.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("the server should run");
        process.child.kill().await.expect("the server should die");
        process.read_to_end().await;
    }

    /// Sends SIGTERM and waits until the process has ended by itself. Returns its exit status.
    pub async fn stop(&mut self) -> std::process::ExitStatus {
        let mut process = self.process.take().expect("the server should run");
        let id = process.child.id().expect("the server should run");
        let sent = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status()
            .await;
        assert!(sent.expect("kill should run").success());
        let status = process.child.wait().await.expect("an exit status");
        process.read_to_end().await;
        status
    }

    /// Everything the server printed, on both streams, over all its runs.
    pub fn logs(&self) -> String {
        self.logs.lock().expect("the log").clone()
    }

    /// The server's URL, without a slash at the end. It is the issuer.
    pub fn url(&self) -> String {
        self.settings
            .get("CHANCERY_ACCESS_URL")
            .cloned()
            .unwrap_or_else(|| format!("http://{}", self.address))
    }

    /// The URL of a path, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A setting the server was started with.
    pub fn setting(&self, name: &str) -> &str {
        &self.settings[name]
    }

    /// The server's database.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The server's database, for a connection of the test's own.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The process id of the running server.
    pub fn process_id(&self) -> u32 {
        let process = self.process.as_ref().expect("the server should run");
        process.child.id().expect("the server should run")
    }

    /// A request without credentials. Redirects are not followed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.at(path))
    }

    /// GETs `path` without credentials.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    /// The counters, as text.
    pub async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.metrics_address);
        Answer::to(self.http.get(url)).await.expect(200).text
    }

    /// POSTs a form without credentials other than those in it.
    pub async fn post_form(&self, path: &str, form: &Params) -> Answer {
        Answer::to(self.request(Method::POST, path).form(form.pairs())).await
    }

    /// Sends a request to the token endpoint.
    pub async fn token(&self, form: &Params) -> Answer {
        self.post_form("/oauth2/tokens", form).await
    }

    /// Makes the first user, who is an owner, and signs in.
    pub async fn owner(&self) -> Session<'_> {
        let body = serde_json::json!({
            "email": OWNER_EMAIL, "username": OWNER_NAME, "name": "The Owner", "password": PASSWORD,
        });
        let request = self
            .request(Method::POST, "/api/v2/users/first")
            .json(&body);
        Answer::to(request).await.expect(201);
        self.sign_in(OWNER_EMAIL, PASSWORD).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Session<'_> {
        let body = serde_json::json!({ "email": email, "password": password });
        let request = self
            .request(Method::POST, "/api/v2/users/login")
            .json(&body);
        let token = Answer::to(request)
            .await
            .expect(201)
            .member("session_token");
        Session::of(self, token).await
    }

    async fn ready(&mut self) {
        loop {
            let process = self.process.as_mut().expect("the server should run");
            if let Some(status) = process.child.try_wait().expect("a status") {
                process.read_to_end().await;
                panic!("the server ended with {status}; it said:\n{}", self.logs());
            }
            match Answer::try_to(self.request(Method::GET, "/readyz")).await {
                Ok(answer) if answer.status.is_success() => return,
                _ => tokio::time::sleep(POLL).await,
            }
        }
    }

    fn keep(&self, stream: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<()> {
        let logs = Arc::clone(&self.logs);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let mut logs = logs.lock().expect("the log");
                logs.push_str(&line);
                logs.push('\n');
            }
        })
    }
}

impl Process {
    /// Waits until everything the ended process printed has been kept.
    async fn read_to_end(&mut self) {
        for reader in &mut self.readers {
            reader.await.expect("the log should be read");
        }
    }
}

/// A free loopback address below the range that the system gives to outgoing connections, so that it is still free
/// when the server asks for it, now and after a restart.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = u16::try_from(std::process::id() % 100).expect("below 100") * 100;
    loop {
        let port = 20_000 + (offset + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
