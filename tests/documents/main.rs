//! The documents are true: their commands are run, what they print is what they say, links lead somewhere, alerts are explained.
//!
//! A fenced block of `sh` has to end well; one of `console` has commands after `$`, each followed by what it prints, where numbers, times,
//! ids and secrets may differ. What no test can have (`needs=systemd`) is left out; which needs there are is listed in `NEEDS`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod block;
mod commands;
mod deployment;
mod links;
mod ops;
mod shown;

use std::path::{Path, PathBuf};

use block::{Block, Kind};
use deployment::Deployment;

/// What a block may need that is not here.
const NEEDS: [&str; 7] = [
    "build",
    "containers",
    "kubernetes",
    "prometheus",
    "proxy",
    "root",
    "systemd",
];

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs the blocks of a document in one shell, from top to bottom, beside a server that nobody has used yet.
async fn holds(document: &str) {
    let blocks: Vec<Block> = block::of(&read(document));
    for block in &blocks {
        let need = block.needs.as_deref().unwrap_or(NEEDS[0]);
        assert!(NEEDS.contains(&need), "{document}:{}: {need}", block.line);
    }
    let steps: Vec<_> = blocks
        .iter()
        .filter(|block| block.needs.is_none())
        .flat_map(Block::steps)
        .collect();
    assert!(!steps.is_empty(), "{document} has no command that is run");
    let deployment = Deployment::start().await;
    let outputs = deployment.run(document, &steps).await;
    for (step, output) in steps.iter().zip(&outputs) {
        let (said, printed) = (shown::pattern(&step.expected), shown::pattern(output));
        assert!(
            step.kind == Kind::Sh || said == printed,
            "{document}:{}: {}\n--- the document says\n{}\n--- it prints\n{output}",
            step.line,
            step.command,
            step.expected,
        );
    }
    let left = deployment.new_files();
    assert_eq!(
        left,
        files_kept_by(document),
        "{document} leaves files behind"
    );
}

/// What a document's reader is told to keep.
fn files_kept_by(document: &str) -> Vec<&'static str> {
    match document {
        "docs/operating.md" => vec!["chancery.dump", "kept.note", "keys.json", "restored"],
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_readme_holds() {
    holds("README.md").await;
}

#[tokio::test]
async fn operating_holds() {
    holds("docs/operating.md").await;
}
