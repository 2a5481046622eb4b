//! Recently used states of this process.
//!
//! A cached state may be behind: another replica may have appended. That is safe, because an append decided on it
//! fails its version check, and because a decision that appends nothing is not taken from the cache.

use std::any::Any;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chancery_noun::{Life, Noun};
use lru::LruCache;

type Key = (&'static str, String);

struct Cached {
    state: Arc<dyn Any + Send + Sync>,
    sequence: i64,
}

pub(crate) struct Cache(Option<Mutex<LruCache<Key, Cached>>>);

impl Cache {
    /// Keeps up to `capacity` states; 0: none.
    pub fn new(capacity: usize) -> Self {
        Self(NonZeroUsize::new(capacity).map(|capacity| Mutex::new(LruCache::new(capacity))))
    }

    fn lock(&self) -> Option<MutexGuard<'_, LruCache<Key, Cached>>> {
        self.0
            .as_ref()
            .map(|cache| cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn get<N: Noun>(&self, id: &str) -> Option<(Arc<Life<N>>, i64)> {
        let mut cache = self.lock()?;
        let cached = cache.get(&(N::TYPE, id.to_owned()))?;
        let state = Arc::clone(&cached.state).downcast().ok()?;
        Some((state, cached.sequence))
    }

    /// Remembers a state, unless a later one is known already.
    pub fn put<N: Noun>(&self, id: &str, state: Life<N>, sequence: i64) {
        let Some(mut cache) = self.lock() else {
            return;
        };
        let key = (N::TYPE, id.to_owned());
        if cache
            .peek(&key)
            .is_none_or(|cached| cached.sequence <= sequence)
        {
            let state = Arc::new(state);
            cache.put(key, Cached { state, sequence });
        }
    }

    pub fn forget(&self, aggregate_type: &'static str, id: &str) {
        if let Some(mut cache) = self.lock() {
            cache.pop(&(aggregate_type, id.to_owned()));
        }
    }
}
