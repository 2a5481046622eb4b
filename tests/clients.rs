//! Real clients (OAuth2, MCP, the management API) against the real server, each a program of its own under `tests/clients/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chancery_outbound::testing::{Server as Site, json};
use support::{App, OWNER_EMAIL, OWNER_NAME, PASSWORD, Server, Session};
use tokio::process::Command;

/// No client needs longer; one that hangs is killed and fails.
const LIMIT: Duration = Duration::from_mins(3);
const CALLBACK: &str = "http://127.0.0.1:8976/callback";

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn target() -> PathBuf {
    // The test program lies in `<target>/<profile>/deps`.
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).unwrap().to_owned()
}

/// Fails, saying how to install what is missing. A client that is not there is never taken for one that passed.
fn require(path: &Path) -> &Path {
    assert!(
        path.exists(),
        "{} is missing: run scripts/test, which installs what the client tests need",
        path.display()
    );
    path
}

/// Runs a client program against a fresh server; its report is shown when it fails.
async fn passes(folder: &str, program: &Path, main: &str) {
    let server = Server::start().await;
    passes_for(&server.owner().await, folder, program, main, "").await;
}

/// Runs a client program against an owner's server, where `client_id_url` may be a client's id.
async fn passes_for(
    owner: &Session<'_>,
    folder: &str,
    program: &Path,
    main: &str,
    client_id_url: &str,
) {
    let server = owner.server;
    let client: App = owner.app("agent-of-the-test", CALLBACK).await;
    let resource_server = owner.app("protected-tools", CALLBACK).await;
    let output = Command::new(program)
        .arg(main)
        .current_dir(clients().join(folder))
        .env("CHANCERY_URL", server.url())
        .env("CHANCERY_EMAIL", OWNER_EMAIL)
        .env("CHANCERY_PASSWORD", PASSWORD)
        .env("CHANCERY_USERNAME", OWNER_NAME)
        .env("REDIRECT_URI", CALLBACK)
        .env("CLIENT_ID_URL", client_id_url)
        .env("CLIENT_ID", &client.id)
        .env("CLIENT_NAME", &client.name)
        .env("CLIENT_SECRET", &client.secret)
        .env("RESOURCE_CLIENT_ID", &resource_server.id)
        .env("RESOURCE_CLIENT_SECRET", &resource_server.secret)
        .env("SCREENSHOT_DIR", target().join("screenshots"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, output)
        .await
        .unwrap_or_else(|_| panic!("{folder} hangs; the server said:\n{}", server.logs()))
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}; run scripts/test, which installs it",
                program.display()
            )
        });
    assert!(
        output.status.success(),
        "{folder} ended with {}\n{}\n{}\nthe server said:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        server.logs()
    );
}

/// Runs a client program that nobody has registered, against a server where it may register itself or have a document.
async fn walks_in(folder: &str, program: &Path, main: &str) {
    let site = Site::start(|head| {
        let host = head.lines().find_map(|line| line.strip_prefix("host: "));
        let document = serde_json::json!({
            "client_id": format!("https://{}/agent.json", host.unwrap_or_default()),
            "client_name": "Agent of the test",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        json(&["cache-control: max-age=60"], &document.to_string())
    })
    .await;
    let folder_of_authority = tempfile::tempdir().unwrap();
    let authority = folder_of_authority.path().join("authority.pem");
    std::fs::write(&authority, &site.authority).unwrap();
    let server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128"),
        ("CHANCERY_OUTBOUND_CA_FILE", authority.to_str().unwrap()),
    ])
    .await;
    let settings = serde_json::json!({ "dynamic_client_registration_enabled": true });
    let owner = server.owner().await;
    let path = "/api/v2/oauth2-provider/settings";
    owner.put(path, &settings).await.expect(200);
    let id = format!("https://localhost:{}/agent.json", site.port);
    passes_for(&owner, folder, program, main, &id).await;
}

async fn node_passes(folder: &str) {
    require(&clients().join(folder).join("node_modules"));
    passes(folder, Path::new("node"), "main.mjs").await;
}

#[tokio::test]
async fn the_official_typescript_mcp_sdk_completes_its_flow() {
    node_passes("typescript").await;
}

#[tokio::test]
async fn the_official_python_mcp_sdk_completes_its_flow() {
    let python = target().join("venv/bin/python");
    passes("python", require(&python), "main.py").await;
}

#[tokio::test]
async fn the_official_typescript_mcp_sdk_walks_in_unregistered() {
    require(&clients().join("typescript/node_modules"));
    walks_in("typescript", Path::new("node"), "walk-in.mjs").await;
}

#[tokio::test]
async fn the_official_python_mcp_sdk_walks_in_unregistered() {
    let python = target().join("venv/bin/python");
    walks_in("python", require(&python), "walk_in.py").await;
}

#[tokio::test]
async fn the_python_bindings_of_the_coder_api_manage_users_organizations_and_tokens() {
    let python = target().join("venv/bin/python");
    passes("python", require(&python), "coder_api_calls.py").await;
}

#[tokio::test]
async fn every_answer_to_schemathesis_is_documented_and_none_is_a_server_error() {
    let python = target().join("venv/bin/python");
    passes("schemathesis", require(&python), "main.py").await;
}

#[tokio::test]
async fn oauth4webapi_completes_its_flow_and_is_refused_where_it_must_be() {
    node_passes("oauth4webapi").await;
}

#[tokio::test]
async fn the_libraries_of_the_go_checksum_database_verify_the_log() {
    let program = target().join("tlog");
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key.pem");
    let server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_SIGNING_KEY_FILE", key.to_str().unwrap()),
        ("CHANCERY_CHECKPOINT_EVENTS", "1"),
        ("CHANCERY_PUBLIC_LOG", "true"),
    ])
    .await;
    let owner = server.owner().await;
    let address = server.at("/api/v2/ledger/log");
    let earlier = dir.path().join("earlier.note");
    let checkpoint = loop {
        let answer = server.get("/api/v2/ledger/log/checkpoint").await;
        if answer.status == 200 {
            break answer.text;
        }
    };
    std::fs::write(&earlier, &checkpoint).unwrap();
    for n in 0..3 {
        owner
            .create_app(&format!("app-{n}"), CALLBACK)
            .await
            .expect(201);
    }
    while server.get("/api/v2/ledger/log/checkpoint").await.text == checkpoint {}
    let keys = owner.get("/api/v2/ledger/checkpoints").await.expect(200);
    let public_key = &keys.json()["keys"][0]["public_key"];
    let verified = async |token: &[&str]| {
        let ran = Command::new(require(&program))
            .arg(&address)
            .arg(public_key.as_str().unwrap())
            .arg(&earlier)
            .args(token)
            .kill_on_drop(true)
            .output();
        let ran = tokio::time::timeout(LIMIT, ran).await.unwrap().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let size = checkpoint.lines().nth(1).unwrap();
    for token in [&[][..], &[owner.token.as_str()]] {
        let said = verified(token).await;
        assert!(said.ends_with(&format!("extend {size}\n")), "{said}");
    }
}

#[tokio::test]
async fn chromium_signs_in_denies_and_allows() {
    require(Path::new("/usr/bin/chromium"));
    node_passes("chromium").await;
}
