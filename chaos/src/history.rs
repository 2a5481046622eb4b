//! What clients did and were told. Things are named by labels; no secret gets here.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Something one client did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Makes a thing.
    Create {
        /// The thing's label.
        thing: String,
    },
    /// Makes a thing from a secret that works once: a code or a refresh token.
    Spend {
        /// The secret's label.
        secret: String,
        /// The thing's label.
        thing: String,
    },
    /// Changes a thing.
    Change {
        /// The thing's label.
        thing: String,
        /// What it is from then on.
        value: String,
    },
    /// Ends a thing: revokes, signs out, deletes.
    End {
        /// The thing's label.
        thing: String,
    },
    /// Looks at a thing, or uses it.
    Read {
        /// The thing's label.
        thing: String,
    },
}

/// What the client was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It is done.
    Done,
    /// The thing is there, with this value where it has one.
    Shows(Option<String>),
    /// The thing is not there, or not accepted.
    Gone,
    /// It was not done.
    Refused(u16),
    /// It may have been done or not: the connection broke, or the server could not say.
    Unclear(Unclear),
}

/// Why an answer says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unclear {
    /// 503 with the time after which to come again.
    ComeAgain,
    /// Another 5xx, or a 503 that does not say when to come again.
    Rude(u16),
    /// No answer.
    Broken,
}

/// One act with its answer. Times are microseconds since the history began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the request was sent.
    pub began: u64,
    /// When the answer was there.
    pub ended: u64,
    /// Number of the server that was asked.
    pub server: usize,
    /// What was done.
    pub act: Act,
    /// What came back.
    pub answer: Answer,
    /// Whether it is one of the look-ups after everything has recovered.
    pub last: bool,
}

/// The entries of one round, as they come.
#[derive(Debug)]
pub struct History {
    begun: Instant,
    entries: Mutex<Vec<Entry>>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            entries: Mutex::default(),
        }
    }
}

impl History {
    /// The time for an entry.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Adds an entry.
    pub fn record(&self, entry: Entry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
    }

    /// Takes all entries.
    pub fn take(&self) -> Vec<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *entries)
    }
}

/// Writes entries as JSON lines.
pub fn write(entries: &[Entry], path: &Path) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for entry in entries {
        serde_json::to_writer(&mut file, entry)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(())
}
