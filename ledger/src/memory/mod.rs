//! What this process knows of the log: streams, the holders of unique keys, and the head at which that is so.
//!
//! It is a fold of the events, never of anything else, so it cannot say what the log does not: every event goes through
//! it in order, this process's own appends at once and those of others as they are read. It is bounded; a miss reads the
//! stream, or the key, together with the head. [`Present`](crate::Present) asks it, after the head in the database was seen to be
//! the one that is known.
//!
//! When the database's head is not where it was (a failover lost history), everything is dropped, loudly.

mod facts;
mod known;
mod load;
mod merged;
mod part;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use known::{Applied, Known};
pub use merged::LookError;
pub use part::StreamName;
pub(crate) use part::{Head, Holder, State, Stream};

use crate::connections::bounded_pool;
use crate::recent::Recent;
use crate::{LedgerConfig, LedgerReader, OpenError, Position, RecordedEvent, StreamTypes};
use facts::{Facts, Line};
use merged::Merged;

/// Questions of different kinds that the database works on at once.
const CONNECTIONS: u32 = 3;

/// What is known, and how to learn more.
pub(crate) struct Memory {
    facts: Arc<Facts>,
    confirmations: Merged<(), ()>,
    streams: Merged<StreamName, load::Read>,
    holders: Merged<String, Option<StreamName>>,
    families: Merged<String, BTreeMap<String, StreamName>>,
}

impl Memory {
    /// Reads the head, and knows nothing else yet. `options` is where to ask for what is not known.
    pub async fn open(
        options: PgConnectOptions,
        types: Arc<StreamTypes>,
        recent: Arc<Recent>,
        config: &LedgerConfig,
    ) -> Result<Self, OpenError> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(config.connect_timeout.max(config.look_timeout));
        let pool = bounded_pool(pool).connect_lazy_with(options.clone());
        let mut line = PgConnection::connect_with(&options).await?;
        let head = load::head(&mut line).await?;
        let line = Line::new(options, line);
        Ok(Self::new(head, pool, line, types, recent, config))
    }

    fn new(
        head: Head,
        pool: PgPool,
        line: Line,
        types: Arc<StreamTypes>,
        recent: Arc<Recent>,
        config: &LedgerConfig,
    ) -> Self {
        let known = Known::new(
            recent.history(),
            head,
            config.memory_capacity,
            config.recent_capacity,
        );
        let limit = config.look_timeout;
        let facts = Arc::new(Facts {
            known: Mutex::new(known),
            recent,
            reader: LedgerReader { pool, types },
            line,
            lost_swaps: AtomicU64::new(0),
        });
        let shared = [(); 4].map(|()| Arc::clone(&facts));
        let [confirming, streams, holders, families] = shared;
        Self {
            facts,
            confirmations: Merged::new(
                limit,
                Box::new(move |asked| {
                    let facts = Arc::clone(&confirming);
                    Box::pin(async move {
                        facts.catch_up().await?;
                        Ok(asked)
                    })
                }),
            ),
            streams: Merged::new(
                limit,
                Box::new(move |names| {
                    let facts = Arc::clone(&streams);
                    Box::pin(async move { facts.load_streams(&names).await })
                }),
            ),
            holders: Merged::new(
                limit,
                Box::new(move |keys| {
                    let facts = Arc::clone(&holders);
                    Box::pin(async move { facts.load_holders(&keys).await })
                }),
            ),
            families: Merged::new(
                limit,
                Box::new(move |names| {
                    let facts = Arc::clone(&families);
                    Box::pin(async move { facts.load_families(&names).await })
                }),
            ),
        }
    }

    /// The head at which everything known is so; `None`: not known.
    pub fn head(&self) -> Option<Head> {
        self.facts.known().head()
    }

    /// Another process appended first.
    pub fn swap_lost(&self) {
        self.facts.lost_swaps.fetch_add(1, Ordering::Relaxed);
    }

    /// How often another process appended first.
    pub fn lost_swaps(&self) -> u64 {
        self.facts.lost_swaps.load(Ordering::Relaxed)
    }

    /// Works something out from all that is known at once.
    pub fn know<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.facts.known())
    }

    /// Who holds a key; `None`: not known.
    pub fn holder(&self, key: &str) -> Option<Holder> {
        self.facts.known().holder(key)
    }

    /// A stream as it is known; `None`: not known.
    pub fn stream(&self, name: &StreamName) -> Option<Stream> {
        self.facts.known().stream(name)
    }

    /// The keys of a family and their holders; `None`: not known.
    pub fn family(&self, family: &str) -> Option<BTreeMap<String, StreamName>> {
        self.facts.known().family(family)
    }

    /// Goes on by events that are committed, in order. A contradiction empties the memory.
    pub fn apply(&self, events: &[Arc<RecordedEvent>]) -> Applied {
        let (applied, last) = {
            let mut known = self.facts.known();
            (known.apply(&self.facts.reader.types, events), events.last())
        };
        // What was just appended goes on from the head: had the memory gone far beyond it, it would be of another history.
        if matches!(applied, Applied::Diverged | Applied::TooOld)
            && let Some(last) = last
        {
            self.facts.lost(Head {
                position: last.position,
                hash: last.hash,
                recorded_at: last.recorded_at,
            });
        }
        applied
    }

    /// Returns once everything is known that was committed when this was called: one look at the head for all who ask at the
    /// same time, and the events that are missing.
    pub async fn confirm(&self) -> Result<(), LookError> {
        self.confirmations.ask(()).await
    }

    /// Reads a stream, and remembers it.
    pub async fn load_stream(&self, name: StreamName) -> Result<Stream, LookError> {
        self.streams.ask(name).await?
    }

    /// Reads who holds a key, and remembers it.
    pub async fn load_holder(&self, key: String) -> Result<Option<StreamName>, LookError> {
        self.holders.ask(key).await
    }

    /// Reads the keys of a family, and remembers them.
    pub async fn load_family(
        &self,
        family: String,
    ) -> Result<BTreeMap<String, StreamName>, LookError> {
        self.families.ask(family).await
    }

    /// Closes the connections; what is asked later is not answered.
    pub async fn close(&self) {
        self.facts.line.close();
        self.facts.reader.pool.close().await;
    }
}

/// Keeps the memory up with what others append, until `stop`.
pub(crate) fn follow(
    tasks: &TaskTracker,
    stop: &CancellationToken,
    memory: &Arc<Memory>,
    mut head: watch::Receiver<Position>,
) {
    let (stop, memory) = (stop.clone(), Arc::downgrade(memory));
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = head.changed() => if changed.is_err() { return },
            }
            let Some(memory) = memory.upgrade() else {
                return;
            };
            let announced = *head.borrow_and_update();
            if memory.head().is_none_or(|head| announced > head.position)
                && let Err(error) = memory.confirm().await
            {
                tracing::debug!(%error, "the memory is behind the log");
            }
        }
    });
}
