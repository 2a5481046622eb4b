//! The event store: append, load, subscribe, verify.
//!
//! A [`Ledger`] keeps streams of events in PostgreSQL, in one gap-free global order that equals commit order. Commands
//! are decided by nouns, which cqrs-es sees as its aggregates ([`Ledger::execute`]); their events go through the sequencer, which decides
//! order, stream versions and unique keys under one lock, a batch at a time. Every event extends a hash chain that
//! [`Ledger::verify`] checks; `docs/ledger-format.md` says what exactly is hashed.
//!
//! The ledger knows no concrete noun: [`StreamTypes`] tells it what it needs to know.

mod access;
mod canonical;
mod chain;
mod checkpoint;
mod config;
mod connections;
mod error;
mod execute;
mod export;
mod load;
mod memory;
mod merkle;
mod metadata;
mod migrate;
mod notify;
mod observer;
mod outage;
mod past;
mod position;
mod present;
mod reader;
mod recent;
mod recorded_event;
mod repository;
mod sequencer;
mod snapshot;
mod stream_type;
mod unique_keys;
mod unit_of_work;
mod verify;

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{PgExecutor, PgPool};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use memory::Memory;
use recent::Recent;
use sequencer::Sequencer;

pub use access::Access;
pub use canonical::text as canonical_text;
pub use checkpoint::{
    Checkpoint, CheckpointError, CheckpointFault, CheckpointTextError, Checkpoints, Evidence,
    InclusionProof, InvalidProof, KeyInForce, KeyRecord, KeyTextError, LastSigned, LeafProof,
    ListedCheckpoint, ProofTextError, ProveError, PublicKey, SignedCheckpoint, SigningKey,
    TileError, TilePath,
};
pub use config::LedgerConfig;
pub use connections::{bounded_pool, bounded_session, in_time, test_idle};
pub use error::{
    AppendError, ExecuteError, LoadError, MigrateError, OpenError, ReadError, Unrecordable,
};
pub use execute::{Executed, Rests};
pub use export::{
    ExportError, ExportHeader, NodeText, VerifiedExport, VerifyExportError, verify_export,
};
pub use memory::{LookError, StreamName};
pub use metadata::{CommandContext, EventMetadata};
pub use observer::{AppendedBatch, Observer};
pub use outage::{Causes, Outage};
pub use past::{FoldError, Folds};
pub use position::{Point, Position};
pub use present::{Present, Seen};
pub use reader::{EventFilter, LedgerReader, Replay, ReplayError, Step, Stretch, read_stretches};
pub use recent::LostHistory;
pub use recorded_event::{DecodeError, RecordedEvent, StoredEvent};
pub use repository::LedgerRepository;
pub use sequencer::appender_options;
pub use stream_type::StreamTypes;
pub use unique_keys::{KeyDifference, KeyHolder};
pub use unit_of_work::UnitOfWork;
pub use verify::{Fault, Verified, VerifiedLog, VerifyError};

/// The event store. Cheap to clone; clones are the same ledger.
#[derive(Clone)]
pub struct Ledger(Arc<Shared>);

struct Shared {
    pool: PgPool,
    types: Arc<StreamTypes>,
    config: LedgerConfig,
    recent: Arc<Recent>,
    sequencer: Arc<Sequencer>,
    memory: Arc<Memory>,
    /// Work that outlives its caller: followers of the head, snapshots being stored.
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Ledger {
    /// Brings the database to this program's schema, and gives the role of servers its rights in it. Safe to call from several
    /// programs at once. Where the schema is this program's already, nothing is done, and no right to do it is needed.
    pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
        migrate::run(pool).await
    }

    /// As [`migrate`](Self::migrate), for a database that was restored from a backup: the rights that were given in the one it was
    /// taken from are given here too.
    pub async fn migrate_restored(pool: &PgPool) -> Result<(), MigrateError> {
        migrate::run_always(pool).await
    }

    /// Opens the ledger of a migrated database.
    ///
    /// `options` is where the appender and the listener connect to, each with a session of its own (so not through a
    /// pooler that shares sessions between clients); `pool` serves reads.
    pub async fn open(
        options: PgConnectOptions,
        pool: PgPool,
        types: StreamTypes,
        config: LedgerConfig,
    ) -> Result<Self, OpenError> {
        let head = notify::read_head(&pool).await?;
        let types = Arc::new(types);
        let recent = Arc::new(Recent::new(head, config.recent_capacity));
        let memory = Memory::open(
            sequencer::appender_options(options.clone(), &config),
            Arc::clone(&types),
            Arc::clone(&recent),
            &config,
        );
        let memory = Arc::new(memory.await?);
        let sequencer = Sequencer::start(
            options.clone(),
            &config,
            Arc::clone(&recent),
            Arc::clone(&memory),
        );
        let sequencer = Arc::new(sequencer.await?);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        notify::follow_head(&tasks, &stop, options, pool.clone(), &config, &recent);
        memory::follow(&tasks, &stop, &memory, recent.subscribe());
        Ok(Self(Arc::new(Shared {
            pool,
            types,
            config,
            recent,
            sequencer,
            memory,
            tasks,
            stop,
        })))
    }

    /// The connections that serve reads.
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// The last position this process knows to be committed. It goes down when the database has lost history.
    pub fn head(&self) -> Position {
        self.0.recent.head()
    }

    /// Follows [`head`](Self::head): told of this process's appends at once and of others' by notification, at the
    /// latest within the configured poll interval.
    pub fn subscribe(&self) -> watch::Receiver<Position> {
        self.0.recent.subscribe()
    }

    /// Holds what this process remembers against the database that `executor` is connected to. To be called on each new
    /// connection before anything read on it is believed: after a failover the database may be one that lacks the end
    /// of the log, and then everything remembered of it is dropped ([`lost_history`](Self::lost_history)).
    pub async fn confirm(&self, executor: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
        notify::confirm(executor, &self.0.recent).await
    }

    /// Which history of the log this process remembers. The number changes when the database turns out to have another one:
    /// what was learned under an earlier number says nothing any more.
    pub fn history(&self) -> u64 {
        self.0.recent.history()
    }

    /// The latest loss of history that this process has met with; `None`: there was none.
    pub fn lost_history(&self) -> Option<LostHistory> {
        self.0.recent.lost()
    }

    /// Makes the appends that wait, lets background work finish, and closes the ledger's own connections. Later appends
    /// through any clone are answered as unavailable.
    pub async fn close(self) {
        self.0.sequencer.stop().await;
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.memory.close().await;
    }
}
