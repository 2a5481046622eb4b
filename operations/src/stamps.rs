//! Stamps: when a thing was last used, noted at most hourly, so that nearly no request waits for a note.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;

/// Time between two stamps of one thing.
const INTERVAL: TimeDelta = TimeDelta::hours(1);
/// How long a stamp is remembered.
const REMEMBERED_FOR: Duration = Duration::from_hours(1);
/// How many stamps are remembered. Beyond it things that are rarely used are stamped more often.
const REMEMBERED: u64 = 65_536;

/// Which things of a kind this process has stamped lately, by their ids. Clones share the memory.
#[derive(Clone)]
pub(crate) struct Stamps<K>(Cache<K, DateTime<Utc>>);

impl<K: Hash + Eq + Send + Sync + 'static> Stamps<K> {
    /// Whether a stamp of `id` is due. Of those who ask within an hour, one is told so.
    pub fn is_due<Q>(&self, id: &Q, now: DateTime<Utc>) -> bool
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Hash + Eq + ?Sized,
    {
        let is_old = |stamped: &DateTime<Utc>| now - *stamped >= INTERVAL;
        let entry = self.0.entry_by_ref(id);
        entry.or_insert_with_if(|| now, is_old).is_fresh()
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> Default for Stamps<K> {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_live(REMEMBERED_FOR);
        Self(cache.build())
    }
}

impl<K> fmt::Debug for Stamps<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stamps(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).unwrap();

    #[test]
    fn a_thing_is_stamped_once_an_hour() {
        let stamps = Stamps::<String>::default();
        let due = [0, 1, 59, 60, 61]
            .map(|minutes| stamps.is_due("a", START + TimeDelta::minutes(minutes)));
        assert_eq!(due, [true, false, false, true, false]);
        assert!(stamps.is_due("b", START));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let stamps = Stamps::<u64>::default();
        for id in 0..2 * REMEMBERED {
            assert!(stamps.is_due(&id, START));
        }
        stamps.0.run_pending_tasks();
        assert!(stamps.0.entry_count() <= REMEMBERED);
    }
}
