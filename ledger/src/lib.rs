//! The event store: append, load, subscribe, verify.
//!
//! A [`Ledger`] keeps streams of events in PostgreSQL, in one gap-free global order that equals commit order. Commands
//! are decided by nouns, which cqrs-es sees as its aggregates ([`Ledger::execute`]); their events go through the sequencer, which decides
//! order, stream versions and unique keys under one lock, a batch at a time. Every event extends a hash chain that
//! [`Ledger::verify`] checks; `docs/ledger-format.md` says what exactly is hashed.
//!
//! The ledger knows no concrete noun: [`StreamTypes`] tells it what it needs to know.

mod cache;
mod canonical;
mod canonical_text;
mod chain;
mod checkpoint;
mod config;
mod error;
mod execute;
mod export;
mod load;
mod merkle;
mod metadata;
mod notify;
mod position;
mod reader;
mod recent;
mod recorded_event;
mod repository;
mod sequencer;
mod snapshot;
mod stream_type;
mod strict_json;
mod unique_keys;
mod unit_of_work;
mod verify;

use std::sync::Arc;

use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use cache::Cache;
use recent::Recent;
use sequencer::Sequencer;

pub use checkpoint::{
    Checkpoint, CheckpointError, CheckpointFault, Checkpoints, Evidence, InclusionProof,
    InvalidProof, KeyInForce, KeyRecord, KeyTextError, ProveError, PublicKey, Signature,
    SigningKey,
};
pub use config::LedgerConfig;
pub use error::{
    AppendError, ExecuteError, LoadError, MigrateError, OpenError, ReadError, Unrecordable,
};
pub use execute::Executed;
pub use export::{ExportError, ExportHeader, VerifiedExport, VerifyExportError, verify_export};
pub use metadata::{CommandContext, EventMetadata};
pub use position::Position;
pub use reader::{EventFilter, LedgerReader, Replay, ReplayError, Step, Stretch, read_stretches};
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
    cache: Cache,
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
    /// Brings the database to this program's schema. Safe to call from several programs at once.
    pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
        sqlx::migrate!("../migrations").run(pool).await?;
        Ok(())
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
        let head = reader::read_head(&pool).await?;
        let recent = Arc::new(Recent::new(head, config.recent_capacity));
        let sequencer =
            Arc::new(Sequencer::start(options.clone(), &config, Arc::clone(&recent)).await?);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        notify::follow_head(&tasks, &stop, options, pool.clone(), &config, &recent);
        Ok(Self(Arc::new(Shared {
            pool,
            types: Arc::new(types),
            cache: Cache::new(config.cache_capacity),
            config,
            recent,
            sequencer,
            tasks,
            stop,
        })))
    }

    /// The last position this process knows to be committed.
    pub fn head(&self) -> Position {
        self.0.recent.head()
    }

    /// Follows [`head`](Self::head): told of this process's appends at once and of others' by notification, at the
    /// latest within the configured poll interval.
    pub fn subscribe(&self) -> watch::Receiver<Position> {
        self.0.recent.subscribe()
    }

    /// Makes the appends that wait, lets background work finish, and closes the ledger's own connections. Later appends
    /// through any clone are answered as unavailable.
    pub async fn close(self) {
        self.0.sequencer.stop().await;
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}
