//! The scripts in `scripts/oauth2/`, from a shell that has nothing set, against the real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Output, Stdio};

use support::{OWNER_EMAIL, PASSWORD, Server, Session};
use tokio::process::Command;

const SCRIPTS: [&str; 5] = [
    "setup-test-app.sh",
    "cleanup-test-app.sh",
    "generate-pkce.sh",
    "test-mcp-oauth2.sh",
    "test-manual-flow.sh",
];

/// A script in an environment with nothing but `PATH` and what is added.
fn script(name: &str) -> Command {
    let mut command = Command::new(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scripts/oauth2")
            .join(name),
    );
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn run(command: &mut Command) -> Output {
    command
        .output()
        .await
        .expect("the script should start; it needs bash")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success(),
        "{}\n{said}\n{complained}",
        output.status
    );
    assert_eq!(complained, "", "nothing to complain about\n{said}");
    said
}

#[track_caller]
fn failed_saying(output: &Output, reason: &str) {
    let complained = text(&output.stderr);
    assert!(
        !output.status.success() && complained.contains(reason),
        "{reason:?} is not in {complained}"
    );
}

/// What a shell has after `eval` of the exports in `said`.
async fn exports(said: &str) -> BTreeMap<String, String> {
    let shell = "eval \"$1\" && env";
    let output = Command::new("bash")
        .args(["-c", shell, "bash", said])
        .env_clear()
        .output()
        .await
        .unwrap();
    let lines = succeeded(&output);
    lines
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn set_up(owner: &Session<'_>, arguments: &[&str]) -> BTreeMap<String, String> {
    let mut command = script("setup-test-app.sh");
    command
        .args(arguments)
        .env("CHANCERY_URL", owner.server.url())
        .env("SESSION_TOKEN", &owner.token);
    exports(&succeeded(&run(&mut command).await)).await
}

#[tokio::test]
async fn every_script_explains_itself() {
    for name in SCRIPTS {
        let said = succeeded(&run(script(name).arg("--help")).await);
        assert!(
            said.contains("usage: ") && !said.contains("set -euo"),
            "{name}: {said}"
        );
    }
}

#[tokio::test]
async fn scripts_say_what_is_missing() {
    let nowhere = "http://127.0.0.1:1";
    failed_saying(
        &run(script("test-mcp-oauth2.sh").env("CHANCERY_URL", nowhere)).await,
        "no server answers at",
    );
    failed_saying(
        &run(&mut script("test-manual-flow.sh")).await,
        "set CLIENT_ID and CLIENT_SECRET",
    );
    failed_saying(&run(&mut script("cleanup-test-app.sh")).await, "set APP_ID");
    // A shell that finds bash and coreutils but neither curl nor jq.
    let tools = tempfile::tempdir().unwrap();
    for tool in ["bash", "sed", "env"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|dir| dir.join(tool))
            .find(|path| path.exists());
        std::os::unix::fs::symlink(found.unwrap(), tools.path().join(tool)).unwrap();
    }
    let output = run(script("setup-test-app.sh").env("PATH", tools.path())).await;
    failed_saying(
        &output,
        "missing: curl jq. Install with: apt-get install curl jq",
    );

    let server = Server::start().await;
    server.owner().await;
    let output = run(script("setup-test-app.sh").env("CHANCERY_URL", server.url())).await;
    failed_saying(
        &output,
        "set SESSION_TOKEN, or CHANCERY_EMAIL and CHANCERY_PASSWORD",
    );
    let output = run(script("setup-test-app.sh")
        .env("CHANCERY_URL", server.url())
        .env("SESSION_TOKEN", "wrong"))
    .await;
    failed_saying(&output, "the session token is not accepted");
}

#[tokio::test]
async fn a_test_app_is_set_up_for_eval_and_cleaned_up() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let made = set_up(&owner, &["trial", "http://localhost:1234/cb"]).await;
    let path = format!("/api/v2/oauth2-provider/apps/{}", made["APP_ID"]);
    let app = owner.get(&path).await.expect(200);
    assert_eq!(
        (app.member("name"), app.member("callback_url")),
        ("trial".to_owned(), "http://localhost:1234/cb".to_owned())
    );
    assert_eq!(made["CLIENT_ID"], made["APP_ID"]);
    assert!(made["CLIENT_SECRET"].starts_with("coder_"));

    for outcome in ["deleted app", "there is no app"] {
        let mut command = script("cleanup-test-app.sh");
        command
            .env("CHANCERY_URL", server.url())
            .env("SESSION_TOKEN", &owner.token)
            .env("APP_ID", &made["APP_ID"]);
        assert!(succeeded(&run(&mut command).await).contains(outcome));
    }
    owner.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_pkce_pair_is_generated_for_eval() {
    let pair = exports(&succeeded(&run(&mut script("generate-pkce.sh")).await)).await;
    assert_eq!(
        support::Pkce::of(&pair["CODE_VERIFIER"]).challenge,
        pair["CODE_CHALLENGE"]
    );
    let other = exports(&succeeded(&run(&mut script("generate-pkce.sh")).await)).await;
    assert_ne!(pair["CODE_VERIFIER"], other["CODE_VERIFIER"]);
    failed_saying(
        &run(script("generate-pkce.sh").arg("short")).await,
        "43 to 128 characters",
    );
}

#[tokio::test]
async fn the_automated_suite_passes_and_leaves_no_app_behind() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut command = script("test-mcp-oauth2.sh");
    command
        .env("CHANCERY_URL", server.url())
        .env("CHANCERY_EMAIL", OWNER_EMAIL)
        .env("CHANCERY_PASSWORD", PASSWORD);
    let said = succeeded(&run(&mut command).await);
    assert!(
        said.ends_with("all passed\n") && !said.contains("FAILED"),
        "{said}"
    );
    let apps = owner
        .get("/api/v2/oauth2-provider/apps")
        .await
        .expect(200)
        .json();
    assert_eq!(apps, serde_json::json!([]));
}

#[tokio::test]
async fn the_interactive_flow_ends_with_a_refreshed_token() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let made = set_up(&owner, &[]).await;
    let directory = tempfile::tempdir().unwrap();
    // A port next to the server's: also its own, also below those of outgoing connections.
    let port = (server.address().port() - 10_000).to_string();
    let mut command = script("test-manual-flow.sh");
    command
        .envs(&made)
        .env("CALLBACK_PORT", port)
        .env("SCOPE", "tools.read")
        .env(
            "BROWSER",
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/browser.sh"),
        )
        .env("COOKIE_JAR", directory.path().join("cookies"))
        .env("SESSION_TOKEN", &owner.token);
    let output = run(&mut command).await;
    let said = text(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}\n{}",
        text(&output.stderr),
        server.logs()
    );
    for line in [
        "The code has arrived.",
        "The API says the token speaks for: owner",
        "Refreshed: access token",
    ] {
        assert!(said.contains(line), "{line:?} is not in {said}");
    }
}
