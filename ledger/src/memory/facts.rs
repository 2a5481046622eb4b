//! What is known, kept up with the log: the one place that asks the database.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::known::{Applied, Known};
use super::part::{Head, StreamName};
use super::{LookError, load};
use crate::recent::Recent;
use crate::{LedgerReader, Position};

/// Events that are read one by one to catch up; when more are missing, it is cheaper to forget.
const CATCH_UP: i64 = 10_000;
const PAGE: usize = 1_000;

/// What is known, and where to learn more.
pub(super) struct Facts {
    pub(super) known: Mutex<Known>,
    pub(super) recent: Arc<Recent>,
    pub(super) reader: LedgerReader,
    pub(super) line: Line,
    pub(super) lost_swaps: AtomicU64,
}

/// The connection on which the head is asked for, again and again: no pool's tests before and after, one round trip.
pub(super) struct Line {
    options: PgConnectOptions,
    connection: Mutex<Option<PgConnection>>,
}

impl Line {
    /// A connection to begin with, and how to make another.
    pub(super) fn new(options: PgConnectOptions, connection: PgConnection) -> Self {
        Self {
            options,
            connection: Mutex::new(Some(connection)),
        }
    }

    /// The head in the database. A connection on which it was not answered, or not waited for, is not used again.
    async fn head(&self) -> Result<Head, LookError> {
        let kept = self.connection().take();
        let mut connection = match kept {
            Some(connection) => connection,
            None => PgConnection::connect_with(&self.options).await?,
        };
        let head = load::head(&mut connection).await?;
        *self.connection() = Some(connection);
        Ok(head)
    }

    /// Closes it; the next question opens another.
    pub(super) fn close(&self) {
        self.connection().take();
    }

    fn connection(&self) -> MutexGuard<'_, Option<PgConnection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts {
    /// What is known of the log's present history.
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let history = self.recent.history();
        if known.history() != history {
            known.begin(history);
        }
        known
    }

    /// The log is not the one that was remembered: `found` is its head.
    pub(super) fn lost(&self, found: Head) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.history() == self.recent.history() {
            self.recent.lost_to(found.point());
        }
        known.begin(self.recent.history());
        known.restart(found);
    }

    /// Goes on to the database's head.
    pub(super) async fn catch_up(&self) -> Result<(), LookError> {
        // What is known now was committed before the head is read, so the head cannot be behind it.
        let before = self.known().head();
        let head = self.line.head().await?;
        self.follow(before, head).await
    }

    /// Goes on from `before`, which was known before `head` was read, to `head`; or to a later one, where this process appended so
    /// much meanwhile that what it read is too old to be held against that.
    async fn follow(&self, mut before: Option<Head>, mut head: Head) -> Result<(), LookError> {
        loop {
            match self.go_on(before, head).await? {
                Applied::All | Applied::Gap => return Ok(()),
                Applied::Diverged => {
                    self.lost(head);
                    return Ok(());
                }
                Applied::TooOld => {
                    before = self.known().head();
                    head = self.line.head().await?;
                }
            }
        }
    }

    async fn go_on(&self, before: Option<Head>, head: Head) -> Result<Applied, LookError> {
        let Some(before) = before else {
            self.known().restart(head);
            return Ok(Applied::All);
        };
        if head.position == before.position && head.hash == before.hash {
            return Ok(Applied::All);
        }
        if head.position <= before.position {
            return Ok(Applied::Diverged);
        }
        if before.position > Position::START
            && load::hash_at(&self.reader.pool, before.position).await? != Some(before.hash)
        {
            return Ok(Applied::Diverged);
        }
        if head.position.0 - before.position.0 > CATCH_UP {
            self.known().restart(head);
            return Ok(Applied::All);
        }
        let mut after = before.position;
        while after < head.position {
            let events = self.reader.read(after, PAGE).await?;
            let Some(last) = events.last() else { break };
            after = last.position;
            let applied = self.known().apply(&self.reader.types, &events);
            if matches!(applied, Applied::TooOld | Applied::Diverged) {
                return Ok(applied);
            }
        }
        Ok(Applied::All)
    }

    /// Reads streams, and remembers them.
    pub(super) async fn load_streams(
        &self,
        names: &[StreamName],
    ) -> Result<Vec<load::Read>, LookError> {
        let before = self.known().head();
        let (head, read) = load::streams(&self.reader, names).await?;
        self.follow(before, head).await?;
        let mut known = self.known();
        let streams = names.iter().zip(read).map(|(name, read)| {
            let stream = read?;
            let now = known.learn_stream(&self.reader.types, name, stream.clone(), head.position);
            Ok(now.unwrap_or(stream))
        });
        Ok(streams.collect())
    }

    /// Reads whose keys are, and remembers it.
    pub(super) async fn load_holders(
        &self,
        keys: &[String],
    ) -> Result<Vec<Option<StreamName>>, LookError> {
        let before = self.known().head();
        let (head, read) = load::holders(&self.reader.pool, keys).await?;
        self.follow(before, head).await?;
        let mut known = self.known();
        let holders = keys.iter().zip(read).map(|(key, holder)| {
            let now = known.learn_holder(&self.reader.types, key, holder.clone(), head.position);
            now.unwrap_or(holder)
        });
        Ok(holders.collect())
    }

    /// Reads the keys of families, and remembers them.
    pub(super) async fn load_families(
        &self,
        families: &[String],
    ) -> Result<Vec<BTreeMap<String, StreamName>>, LookError> {
        let before = self.known().head();
        let (head, read) = load::families(&self.reader.pool, families).await?;
        self.follow(before, head).await?;
        let mut known = self.known();
        for (family, members) in families.iter().zip(&read) {
            known.learn_family(family, members, head.position);
        }
        Ok(read)
    }
}
