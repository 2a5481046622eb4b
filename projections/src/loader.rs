//! Coalesces concurrent look-ups into one query, like a group commit.
//!
//! While a query is under way, look-ups gather; when it is answered, all that gathered go out as the next one. There
//! is no cache: an answer always comes from a query that began after its look-up did. With one look-up at a time it costs
//! nothing; with 64 it makes two queries of 64. A query whose answer does not come is given up, so that it holds no later one.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::in_time;
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

/// Most look-ups in one query.
const BATCH: usize = 512;
/// Look-ups that may gather before callers wait for room.
const WAITING: usize = 4096;

/// Tries after one that failed for its connection: more than a pool of look-ups has connections.
const RETRIES: usize = 5;

/// Longest time to wait for the answer of a query, its connection included.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// A look-up failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LookupError {
    /// The database refused or was lost.
    #[error(transparent)]
    Database(Arc<sqlx::Error>),
    /// The runtime is shutting down.
    #[error("the loader has ended")]
    Ended,
}

/// Finds many keys at once; a key without a value is left out.
pub type Find<K, V> =
    Box<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, sqlx::Error>> + Send + Sync>;

type Waiting<K, V> = (K, oneshot::Sender<Result<Option<V>, LookupError>>);

/// A coalescing loader. Clones share it.
pub struct Loader<K, V> {
    queue: mpsc::Sender<Waiting<K, V>>,
}

impl<K, V> Clone for Loader<K, V> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<K, V> Loader<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Starts a loader's task, which ends with its last clone. Within a Tokio runtime.
    pub fn new(find: Find<K, V>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(find, waiting));
        Self { queue }
    }

    /// Looks a key up; `None` when there is no such thing.
    pub async fn load(&self, key: K) -> Result<Option<V>, LookupError> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .send((key, answer))
            .await
            .map_err(|_| LookupError::Ended)?;
        answered.await.map_err(|_| LookupError::Ended)?
    }
}

async fn run<K, V>(find: Find<K, V>, mut queue: mpsc::Receiver<Waiting<K, V>>)
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        // Those who gave up while waiting need no query.
        waiting.retain(|(_, answer)| !answer.is_closed());
        if waiting.is_empty() {
            continue;
        }
        let mut keys: Vec<K> = Vec::with_capacity(waiting.len());
        let mut seen = std::collections::HashSet::with_capacity(waiting.len());
        for (key, _) in &waiting {
            if seen.insert(key) {
                keys.push(key.clone());
            }
        }
        drop(seen);
        let mut found = in_time(ANSWER_WITHIN, find(keys.clone())).await;
        // Pooled connections that died while idle say nothing about the database now; each is dropped when it fails.
        for _ in 0..RETRIES {
            match &found {
                Err(error) if crate::engine::is_transient(error) && !is_timeout(error) => {}
                Ok(_) | Err(_) => break,
            }
            found = in_time(ANSWER_WITHIN, find(keys.clone())).await;
        }
        match found {
            Ok(found) => {
                for (key, answer) in waiting.drain(..) {
                    // A caller that went away needs no answer.
                    let _ = answer.send(Ok(found.get(&key).cloned()));
                }
            }
            Err(error) => {
                let error = LookupError::Database(Arc::new(error));
                for (_, answer) in waiting.drain(..) {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }
}

/// Whether whoever asked has waited long enough.
fn is_timeout(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::TimedOut,
        _ => false,
    }
}
