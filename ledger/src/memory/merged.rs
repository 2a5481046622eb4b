//! Questions that are asked at the same time go out as one, like a group commit.
//!
//! While a query is under way, questions gather; when it is answered, all that gathered go out as the next one. There is no
//! timer: an answer always comes from a query that began after its question was asked. Every query has a time limit.

use std::sync::Arc;
use std::time::Duration;

use chancery_noun::Noun;
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::{DecodeError, LoadError, ReadError};

/// Most questions in one query.
const BATCH: usize = 512;
/// Questions that may gather before those who ask wait for room.
const WAITING: usize = 4096;
/// Tries when a connection turns out to be dead: more than the pool has connections.
const TRIES: usize = 4;

/// Why a question about the present was not answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LookError {
    /// The database refused, was lost, or holds what cannot be read.
    #[error(transparent)]
    Read(Arc<ReadError>),
    /// A stored snapshot cannot be understood.
    #[error("the snapshot of the stream {stream} is malformed: {reason}")]
    Snapshot {
        /// `<aggregate type>/<id>`.
        stream: String,
        /// What is wrong.
        reason: String,
    },
    /// The stream's type was not registered with the ledger.
    #[error("streams of type {0} are not registered with this ledger")]
    UnknownType(String),
    /// The database did not answer in time.
    #[error("the database did not answer within {0:?}")]
    TimedOut(Duration),
    /// The ledger is closed.
    #[error("the ledger is closed")]
    Closed,
}

impl From<sqlx::Error> for LookError {
    fn from(error: sqlx::Error) -> Self {
        ReadError::from(error).into()
    }
}

impl From<DecodeError> for LookError {
    fn from(error: DecodeError) -> Self {
        ReadError::from(error).into()
    }
}

impl From<ReadError> for LookError {
    fn from(error: ReadError) -> Self {
        Self::Read(Arc::new(error))
    }
}

impl LookError {
    /// The error of a stream of a noun that was looked at.
    pub(crate) fn of<N: Noun>(self, id: &str) -> LoadError {
        match self {
            Self::UnknownType(_) => LoadError::Unregistered(N::TYPE),
            Self::Read(error) if matches!(*error, ReadError::Database(_)) => {
                LoadError::Unavailable(error.to_string())
            }
            Self::TimedOut(_) | Self::Closed => LoadError::Unavailable(self.to_string()),
            Self::Read(_) | Self::Snapshot { .. } => LoadError::Corrupt {
                aggregate_type: N::TYPE,
                aggregate_id: id.to_owned(),
                reason: self.to_string(),
            },
        }
    }
}

type Waiting<Q, A> = (Q, oneshot::Sender<Result<A, LookError>>);

/// Answers many questions at once: one answer for each, in order.
pub(super) type Answer<Q, A> =
    Box<dyn Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>, LookError>> + Send + Sync>;

/// Where questions of one kind are asked.
pub(super) struct Merged<Q, A> {
    queue: mpsc::Sender<Waiting<Q, A>>,
}

impl<Q, A> Merged<Q, A>
where
    Q: Clone + Send + Sync + 'static,
    A: Send + 'static,
{
    /// Starts the task that asks; it ends with this value.
    pub fn new(limit: Duration, answer: Answer<Q, A>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(answer, waiting, limit));
        Self { queue }
    }

    pub async fn ask(&self, question: Q) -> Result<A, LookError> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .send((question, answer))
            .await
            .map_err(|_| LookError::Closed)?;
        answered.await.map_err(|_| LookError::Closed)?
    }
}

/// Asks anew when a connection was lost: one that died while idle says nothing about the database now.
async fn try_again<Q: Clone, A>(
    answer: &Answer<Q, A>,
    questions: Vec<Q>,
) -> Result<Vec<A>, LookError> {
    for _ in 1..TRIES {
        match answer(questions.clone()).await {
            Err(LookError::Read(error)) if is_lost(&error) => {}
            answers => return answers,
        }
    }
    answer(questions).await
}

/// Whether the connection is gone: broken, or ended by the server (SQLSTATE class 57).
fn is_lost(error: &ReadError) -> bool {
    let ReadError::Database(error) = error else {
        return false;
    };
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

async fn run<Q, A>(answer: Answer<Q, A>, mut queue: mpsc::Receiver<Waiting<Q, A>>, limit: Duration)
where
    Q: Clone + Send + Sync + 'static,
    A: Send + 'static,
{
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        // Those who gave up need no query.
        waiting.retain(|(_, asker): &Waiting<Q, A>| !asker.is_closed());
        if waiting.is_empty() {
            continue;
        }
        let (questions, askers): (Vec<Q>, Vec<_>) = waiting.drain(..).unzip();
        let answers = match timeout(limit, try_again(&answer, questions)).await {
            Ok(Ok(answers)) => Ok(answers),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(LookError::TimedOut(limit)),
        };
        match answers {
            Ok(answers) => {
                for (asker, answer) in askers.into_iter().zip(answers) {
                    // One that went away needs no answer.
                    drop(asker.send(Ok(answer)));
                }
            }
            Err(error) => {
                for asker in askers {
                    drop(asker.send(Err(error.clone())));
                }
            }
        }
    }
}
