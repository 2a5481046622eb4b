//! Recently used aggregates of this process.
//!
//! A cached state may be behind: another replica may have appended. That is safe, because an append decided on it
//! fails its version check, and because a decision that appends nothing is not taken from the cache. A state of a history
//! that the database has lost is another matter, as its versions may be given again: such states are dropped.

use std::any::Any;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::EventSourced;
use crate::recent::Recent;

type Key = (&'static str, String);

struct Cached {
    aggregate: Arc<dyn Any + Send + Sync>,
    sequence: i64,
}

struct States {
    history: u64,
    by_key: LruCache<Key, Cached>,
}

pub(crate) struct Cache {
    states: Option<Mutex<States>>,
    recent: Arc<Recent>,
}

impl Cache {
    /// Keeps up to `capacity` aggregates; 0: none.
    pub fn new(capacity: usize, recent: Arc<Recent>) -> Self {
        let states = NonZeroUsize::new(capacity).map(|capacity| {
            Mutex::new(States {
                history: recent.history(),
                by_key: LruCache::new(capacity),
            })
        });
        Self { states, recent }
    }

    /// The states of the history that is remembered now.
    fn lock(&self) -> Option<MutexGuard<'_, States>> {
        let states = self.states.as_ref()?;
        let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
        let history = self.recent.history();
        if states.history != history {
            states.by_key.clear();
            states.history = history;
        }
        Some(states)
    }

    pub fn get<A: EventSourced>(&self, id: &str) -> Option<(Arc<A>, i64)> {
        let mut states = self.lock()?;
        let cached = states.by_key.get(&(A::TYPE, id.to_owned()))?;
        let aggregate = Arc::clone(&cached.aggregate).downcast().ok()?;
        Some((aggregate, cached.sequence))
    }

    /// Remembers a state learned in `history`, unless a later one is known already.
    pub fn put<A: EventSourced>(&self, id: &str, aggregate: A, sequence: i64, history: u64) {
        let Some(mut states) = self.lock() else {
            return;
        };
        let key = (A::TYPE, id.to_owned());
        if states.history == history
            && states
                .by_key
                .peek(&key)
                .is_none_or(|cached| cached.sequence <= sequence)
        {
            let aggregate = Arc::new(aggregate);
            states.by_key.put(
                key,
                Cached {
                    aggregate,
                    sequence,
                },
            );
        }
    }

    pub fn forget(&self, aggregate_type: &'static str, id: &str) {
        if let Some(mut states) = self.lock() {
            states.by_key.pop(&(aggregate_type, id.to_owned()));
        }
    }
}
