//! Runs that are kept: one JSON object a line, the oldest first.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::plan::Extent;
use crate::report::{Figure, Report, Spread};

/// Where the runs of this repository are kept.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/history.jsonl");

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The commit that was measured; `+changes` when files differed from it.
    pub commit: String,
    /// When the run began, in UTC, as `YYYY-MM-DD HH:MM`.
    pub date: String,
    /// Processors, their name, and memory.
    pub machine: String,
    /// How much was measured.
    pub extent: Extent,
    /// Medians by the figures' titles.
    pub figures: BTreeMap<String, Kept>,
}

/// What is kept of a figure: medians of its rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Per second.
    pub rate: f64,
    /// The rate divided by its floor's.
    pub ratio: f64,
    /// Milliseconds, of what has percentiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// Milliseconds, of what has percentiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// Whether others were busy on the machine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noisy: bool,
}

impl Entry {
    /// What is kept of a run.
    pub fn of(report: &Report) -> Self {
        let machine = &report.machine;
        let figures = report.figures.iter();
        Self {
            commit: machine.commit.clone(),
            date: machine.started_at.clone(),
            machine: machine.hardware(),
            extent: report.extent,
            figures: figures
                .filter_map(|figure| Some((figure.title(), Kept::of(figure)?)))
                .collect(),
        }
    }
}

impl Kept {
    fn of(figure: &Figure) -> Option<Self> {
        Some(Self {
            rate: rounded(figure.rate),
            ratio: rounded(figure.ratio?),
            p50_ms: figure.p50_ms.map(rounded),
            p99_ms: figure.p99_ms.map(rounded),
            noisy: figure.is_noisy(),
        })
    }
}

/// The median to four digits after the point, which is more than a run can tell.
fn rounded(spread: Spread) -> f64 {
    (spread.median * 1e4).round() / 1e4
}

/// The runs in `file`; none when there is no such file.
pub fn read(file: &Path) -> anyhow::Result<Vec<Entry>> {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(&text).with_context(|| file.display().to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| file.display().to_string()),
    }
}

/// Adds a run to `file`, which is made when it is absent.
pub fn append(file: &Path, entry: &Entry) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    File::options()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut opened| opened.write_all(&line))
        .with_context(|| format!("cannot add to {}", file.display()))
}

fn parse(text: &str) -> anyhow::Result<Vec<Entry>> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).with_context(|| format!("line {} is no run", index + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"commit":"0123456789ab","date":"2026-11-24 12:00","machine":"2 cores","extent":"quick","figures":{"exchange, 1 client":{"rate":300.5,"ratio":0.08,"p50_ms":3.0,"p99_ms":7.5},"rebuild of all":{"rate":30000.0,"ratio":0.1,"noisy":true}}}"#;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let entries = parse(&format!("{LINE}\n\n{LINE}\n")).unwrap();
        assert_eq!(entries.len(), 2);
        let rebuild = entries[1].figures["rebuild of all"];
        assert!(rebuild.noisy && rebuild.p99_ms.is_none());
        assert_eq!(serde_json::to_string(&entries[0]).unwrap(), LINE);
    }

    #[test]
    fn a_line_that_is_no_run_is_named() {
        let error = parse(&format!("{LINE}\n{{\"commit\":7}}\n")).unwrap_err();
        assert_eq!(error.to_string(), "line 2 is no run");
    }

    #[test]
    fn runs_are_added_at_the_end_of_a_file_that_need_not_exist() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("history.jsonl");
        assert_eq!(read(&file).unwrap(), []);
        let entry = parse(LINE).unwrap().remove(0);
        let later = Entry {
            commit: "later".to_owned(),
            ..entry.clone()
        };
        append(&file, &entry).unwrap();
        append(&file, &later).unwrap();
        assert_eq!(read(&file).unwrap(), [entry, later]);
    }
}
