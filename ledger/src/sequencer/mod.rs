//! The sequencer: one task per process that appends everything this process records.
//!
//! Appends wait in a bounded queue. Whatever waits when the previous batch is done forms the next batch, which is one round
//! trip: where all that it depends on is known here, it is decided here and made if the head is still the one known; else,
//! or if it is not, `ledger_append` decides under the lock on the head. Every refusal is decided there.

mod append;
mod appender;
mod batch;
mod decide;
mod plan;
mod resolve;
mod session;
mod swap;
mod waiting;

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::PgConnectOptions;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::memory::Memory;
use crate::recent::Recent;
use crate::{AppendError, LedgerConfig, OpenError, RecordedEvent};

pub(crate) use append::Append;
use appender::Appender;
use session::Session;
pub use session::appender_options;
use waiting::Waiting;

/// The events of an append, with their places.
pub(crate) type Appended = Vec<Arc<RecordedEvent>>;

/// Sends appends to the appender task.
pub(crate) struct Sequencer {
    queue: mpsc::Sender<Waiting>,
    recent: Arc<Recent>,
    stop: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Sequencer {
    /// Connects, and starts the appender task.
    pub async fn start(
        options: PgConnectOptions,
        config: &LedgerConfig,
        recent: Arc<Recent>,
        memory: Arc<Memory>,
    ) -> Result<Self, OpenError> {
        let options = appender_options(options, config);
        let session = Session::open(&options, config, &recent).await?;
        let (queue, receiver) = mpsc::channel(config.queue_capacity.max(1));
        let stop = CancellationToken::new();
        let appender = Appender::new(
            options,
            config.clone(),
            Arc::clone(&recent),
            memory,
            session,
            receiver,
        );
        let task = tokio::spawn(appender.run(stop.clone()));
        Ok(Self {
            queue,
            recent,
            stop,
            task: Mutex::new(Some(task)),
        })
    }

    /// Appends; answers when the append is durable or known not to be made.
    ///
    /// When the returned future is dropped, an append that was not sent yet is not made; one that was sent is.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .try_send(Waiting::new(append, answer))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => AppendError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => {
                    AppendError::Unavailable("the ledger is closed".to_owned())
                }
            })?;
        // The appender answers everything it takes; only its own death leaves this open.
        answered.await.unwrap_or(Err(AppendError::OutcomeUnknown))
    }

    /// Which history of the log this process remembers.
    pub fn history(&self) -> u64 {
        self.recent.history()
    }

    /// Appends what waits, and stops.
    pub async fn stop(&self) {
        self.stop.cancel();
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the appender ended abnormally");
        }
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
