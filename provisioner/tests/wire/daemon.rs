//! The daemon of `tests/clients/provisioner`, a program in Go on the libraries that existing daemons use, over a web socket.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use chancery_provisioner::proto::provisioner::{Metadata, VariableValue};
use chancery_provisioner::proto::provisionerd::acquired_job::{TemplateImport, Type};
use chancery_provisioner::proto::provisionerd::{AcquiredJob, completed_job, failed_job};
use chancery_provisioner::{ApiVersion, End, Limits, byte_stream, serve};
use futures::future::ready;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::program::{Daemon, LIMIT};
use crate::support::{JOB, Jobs, Said, job, modules};

struct Shared {
    jobs: Arc<Jobs>,
    limits: Limits,
    stop: Mutex<CancellationToken>,
    ends: UnboundedSender<End>,
}

/// A server whose only endpoint is that of daemons.
struct Server {
    address: String,
    shared: Arc<Shared>,
    heard: UnboundedReceiver<Said>,
    ends: UnboundedReceiver<End>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let (jobs, heard) = Jobs::new();
        let (sender, ends) = unbounded_channel();
        let shared = Arc::new(Shared {
            jobs,
            limits,
            stop: Mutex::default(),
            ends: sender,
        });
        let router = Router::new()
            .route("/serve", get(upgrade))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/serve", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            shared,
            heard,
            ends,
        }
    }

    /// Ends the sessions that there are; the next ones stay.
    fn stop_sessions(&self) {
        std::mem::take(&mut *self.shared.stop.lock().unwrap()).cancel();
    }

    async fn hear(&mut self) -> Said {
        let heard = tokio::time::timeout(LIMIT, self.heard.recv());
        heard.await.expect("the daemon says nothing").unwrap()
    }

    async fn end(&mut self) -> End {
        let end = tokio::time::timeout(LIMIT, self.ends.recv());
        end.await.expect("the session does not end").unwrap()
    }
}

async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let version = query["version"].parse();
    match version.and_then(|version| ApiVersion::CURRENT.serves(version)) {
        Ok(()) => upgrade
            .max_message_size(256 << 10)
            .on_upgrade(|socket| session(shared, socket)),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn session(shared: Arc<Shared>, socket: WebSocket) {
    let (mut sink, mut messages) = socket.split();
    let incoming = (&mut messages).filter_map(|message| {
        ready(match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::other(error))),
        })
    });
    let outgoing = (&mut sink)
        .with(|bytes: Bytes| ready(Ok(Message::Binary(bytes))))
        .sink_map_err(|error: axum::Error| io::Error::other(error));
    let io = byte_stream(incoming, outgoing);
    let stop = shared.stop.lock().unwrap().clone();
    let end = serve(io, Arc::clone(&shared.jobs), shared.limits.clone(), stop).await;
    let close = CloseFrame {
        code: 1001,
        reason: "the server says good-bye".into(),
    };
    let _ = shared.ends.send(end);
    // The daemon may be gone. One that is there answers, and until then it may not have read this.
    let _ = sink.send(Message::Close(Some(close))).await;
    while let Some(Ok(_)) = messages.next().await {}
}

const TEMPLATE: &str = r#"{
    "variables": [
        {"name": "region", "type": "string", "default_value": "eu"},
        {"name": "token", "type": "string", "required": true, "sensitive": true}
    ],
    "parameters": [
        {"name": "size", "type": "number", "default_value": "2", "options": [{"name": "small", "value": "2"}]},
        {"name": "zone", "type": "string", "default_value": "${var.region}-1"}
    ],
    "resources": [{"name": "dev", "type": "vm", "agents": ["main"], "daily_cost": 3}, {"name": "disk", "type": "disk"}]
}"#;

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive
            .append_data(&mut header, name, content.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap()
}

fn import(files: &[(&str, &str)]) -> AcquiredJob {
    let region = VariableValue {
        name: "region".to_owned(),
        value: "us".to_owned(),
        sensitive: false,
    };
    let import = TemplateImport {
        metadata: Some(Metadata {
            coder_url: "http://127.0.0.1".to_owned(),
            ..Metadata::default()
        }),
        user_variable_values: vec![region],
    };
    AcquiredJob {
        r#type: Some(Type::TemplateImport(import)),
        ..job(archive(files))
    }
}

fn whole_import() -> AcquiredJob {
    import(&[("README.md", "# Dev"), ("template.json", TEMPLATE)])
}

#[tokio::test]
async fn a_daemon_imports_a_template() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    daemon.go_to("acquire").await;
    daemon.tell("go").await;
    assert_eq!(server.hear().await, Said::Waiting);
    server.shared.jobs.post(whole_import());
    daemon.go_to("CompleteJob").await;
    daemon.tell("go").await;
    let (mut output, mut readme, mut variables) = (Vec::new(), Bytes::new(), Vec::new());
    let completed = loop {
        match server.hear().await {
            Said::Updated(update) => {
                output.extend(update.logs.into_iter().map(|log| log.output));
                readme = if update.readme.is_empty() {
                    readme
                } else {
                    update.readme
                };
                variables.extend(update.template_variables);
            }
            Said::Completed(completed) => break completed,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(output, ["README.md", "template.json", "2 resources"]);
    assert_eq!(readme, "# Dev");
    assert_eq!(variables.len(), 2);
    assert!(variables[1].required && variables[1].sensitive);
    let Some(completed_job::Type::TemplateImport(import)) = completed.r#type else {
        panic!("no import");
    };
    // The value that the job came with went to the daemon, back, and into the parameter.
    assert_eq!(import.rich_parameters[1].default_value, "us-1");
    assert_eq!(import.rich_parameters[0].options[0].value, "2");
    assert_eq!(import.start_resources.len(), 2);
    assert_eq!(import.start_resources[0].agents[0].name, "main");
    assert_eq!(import.start_resources[0].daily_cost, 3);
    assert_eq!(import.stop_resources.len(), 1);
    daemon.event("completed").await;
}

#[tokio::test]
async fn a_daemon_says_why_an_import_failed() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    for (files, words) in [
        (&[("main.tf", "")][..], "the archive has no template.json"),
        (&[("template.json", "{")], "template.json cannot be read"),
    ] {
        server.shared.jobs.post(import(files));
        daemon.go_to("FailJob").await;
        daemon.tell("go").await;
        daemon.event("failed").await;
        let failed = loop {
            if let Said::Failed(failed) = server.hear().await {
                break failed;
            }
        };
        assert!(failed.error.starts_with(words), "{}", failed.error);
        assert!(matches!(
            failed.r#type,
            Some(failed_job::Type::TemplateImport(_))
        ));
    }
}

#[tokio::test]
async fn a_daemon_learns_that_its_job_was_cancelled() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    server.shared.jobs.post(whole_import());
    daemon.go_to("declare").await;
    daemon.ask("update", "updated").await;
    server.shared.jobs.cancel(JOB);
    daemon.tell("update").await;
    daemon.go_to("FailJob").await;
    daemon.tell("go").await;
    let failed = daemon.event("failed").await;
    assert_eq!(failed["error"], "the job was cancelled");
    while !matches!(server.hear().await, Said::Failed(_)) {}
}

#[tokio::test]
async fn a_daemon_that_loses_its_connection_goes_on_with_its_job_on_the_next() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    server.shared.jobs.post(whole_import());
    daemon.go_to("declare").await;
    server.stop_sessions();
    assert!(matches!(server.end().await, End::Stopped));
    daemon.tell("go").await;
    let lost = daemon.event("disconnected").await;
    assert_eq!(lost["code"], 1001);
    assert_eq!(lost["reason"], "the server says good-bye");
    daemon.go_to("CompleteJob").await;
    daemon.tell("go").await;
    daemon.event("completed").await;
}

#[tokio::test]
async fn a_daemon_that_dies_or_stalls_is_noticed() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    server.shared.jobs.post(whole_import());
    daemon.go_to("declare").await;
    daemon.tell("die").await;
    assert!(matches!(server.end().await, End::Closed));
    assert_eq!(daemon.program.wait().await.unwrap().code(), Some(137));

    let silence = Duration::from_secs(3);
    let limits = Limits {
        silence,
        ..Limits::default()
    };
    let mut server = Server::start(limits).await;
    let mut daemon = Daemon::start(&server.address, &["-ping", "100ms"]);
    server.shared.jobs.post(whole_import());
    daemon.go_to("declare").await;
    daemon.tell("stall").await;
    assert!(matches!(server.end().await, End::Silent));
}

#[tokio::test]
async fn a_daemon_that_wants_no_job_any_more_is_given_none() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    daemon.go_to("acquire").await;
    daemon.tell("go").await;
    assert_eq!(server.hear().await, Said::Waiting);
    daemon.tell("quit").await;
    daemon.event("no job").await;
    daemon.event("ended").await;
    assert!(matches!(server.end().await, End::Closed));
}

#[tokio::test]
async fn a_daemon_hears_errors_and_their_words() {
    let server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    daemon.go_to("acquire").await;
    for (call, error) in [
        ("UpdateJob other", "you don't own this job"),
        ("FailJob other", "you don't own this job"),
        ("CompleteJob other", "you don't own this job"),
        ("CommitQuota other", "you don't own this job"),
        (
            "Nonsense other",
            "protocol error: unknown rpc: \"/provisionerd.ProvisionerDaemon/Nonsense\"",
        ),
    ] {
        let called = daemon.ask(&format!("call {call}"), "called").await;
        assert_eq!(called["error"], error);
    }
    let called = daemon
        .ask(&format!("call CommitQuota {JOB}"), "called")
        .await;
    assert_eq!(called["error"], Value::Null);
}

#[tokio::test]
async fn files_that_are_larger_than_a_message_travel_both_ways() {
    let mut server = Server::start(Limits::default()).await;
    let mut daemon = Daemon::start(&server.address, &[]);
    daemon.go_to("acquire").await;
    let size = 9_000_001;
    let uploaded = daemon.ask(&format!("upload {size}"), "uploaded").await;
    assert_eq!(uploaded["error"], Value::Null);
    let Said::Uploaded(content) = server.hear().await else {
        panic!("no file");
    };
    assert_eq!(content.len(), size);
    let too_large = daemon.ask("upload 104857601", "uploaded").await;
    assert_eq!(too_large["error"], "a file has 104857600 bytes at most");
    let downloaded = daemon.ask("download modules", "downloaded").await;
    assert_eq!(downloaded["answer"], modules().len().to_string());
    let missing = daemon.ask("download other", "downloaded").await;
    assert_eq!(missing["error"], "it is not a modules file");
}

#[tokio::test]
async fn a_daemon_of_a_version_that_is_not_spoken_is_refused() {
    let server = Server::start(Limits::default()).await;
    for version in ["1.21", "2.0", "one"] {
        let mut daemon = Daemon::start(&server.address, &["-version", version]);
        daemon.go_to("acquire").await;
        daemon.tell("go").await;
        assert_eq!(daemon.event("refused").await["status"], 400, "{version}");
    }
}
