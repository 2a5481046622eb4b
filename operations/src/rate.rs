//! How often something may be done.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use moka::sync::Cache;

/// Each limiter counts for at most so many keys. Beyond it those begin anew that ask the least, so that a crowd of
/// strangers makes nobody's count forgotten who keeps asking.
const KEYS: u64 = 65_536;
/// No key is remembered longer without asking, however slow the rate.
const QUIET_MAX: Duration = Duration::from_hours(30 * 24);

/// A rate: so many requests in a period, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    period: Period,
    burst: NonZeroU32,
}

/// The period of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
}

impl Period {
    fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        })
    }
}

impl Rate {
    /// `count` in each period, and `burst` at once.
    ///
    /// # Panics
    /// When one of them is 0: it is for constants, and so fails while they are compiled.
    pub const fn new(count: u32, period: Period, burst: u32) -> Self {
        let (Some(count), Some(burst)) = (NonZeroU32::new(count), NonZeroU32::new(burst)) else {
            panic!("a rate of nothing")
        };
        Self {
            count,
            period,
            burst,
        }
    }

    fn quota(self) -> Quota {
        let interval = self.period.duration() / self.count.get();
        Quota::with_period(interval)
            .unwrap_or_else(|| Quota::per_second(self.count))
            .allow_burst(self.burst)
    }
}

/// Why a text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected <count>/<s|m|h>[:<burst>], such as 60/m or 5/m:10, with numbers from 1")]
pub struct RateSyntax;

impl FromStr for Rate {
    type Err = RateSyntax;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (count, rest) = text.split_once('/').ok_or(RateSyntax)?;
        let (period, burst) = match rest.split_once(':') {
            Some((period, burst)) => (period, burst),
            None => (rest, count),
        };
        Ok(Self {
            count: count.parse().map_err(|_| RateSyntax)?,
            period: match period {
                "s" => Period::Second,
                "m" => Period::Minute,
                "h" => Period::Hour,
                _ => return Err(RateSyntax),
            },
            burst: burst.parse().map_err(|_| RateSyntax)?,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = match self.period {
            Period::Second => 's',
            Period::Minute => 'm',
            Period::Hour => 'h',
        };
        write!(formatter, "{}/{period}:{}", self.count, self.burst)
    }
}

/// Too soon: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests, try again in {} s", .0.as_secs())]
pub struct TooSoon(pub Duration);

/// The counters of keys. One that was quiet long enough to have a full allowance again is forgotten.
struct Counters<K>(Cache<K, Arc<InMemoryState>>);

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Counters<K> {
    fn new(quota: Quota) -> Self {
        let quiet = quota.burst_size_replenished_in().min(QUIET_MAX);
        let cache = Cache::builder().max_capacity(KEYS).time_to_idle(quiet);
        Self(cache.build())
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> StateStore for Counters<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let counter = self.0.get_with_by_ref(key, Arc::default);
        counter.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

/// Counts by key, in this process.
pub struct Limiter<K: Hash + Eq + Clone + Send + Sync + 'static>(
    RateLimiter<K, Counters<K>, DefaultClock>,
);

impl<K: Hash + Eq + Clone + Send + Sync + 'static> fmt::Debug for Limiter<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Limiter(..)")
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Limiter<K> {
    /// Counters at zero.
    pub fn new(rate: Rate) -> Self {
        let quota = rate.quota();
        let clock = DefaultClock::default();
        Self(RateLimiter::new(quota, Counters::new(quota), clock))
    }

    /// Counts one of `key`.
    pub fn check(&self, key: &K) -> Result<(), TooSoon> {
        self.0.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.0.clock().now());
            TooSoon(wait.max(Duration::from_secs(1)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_back_as_it_is_printed() {
        for text in ["60/m:60", "5/m:10", "20/s:200", "3/h:1"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("60/m".parse::<Rate>().unwrap().to_string(), "60/m:60");
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "60", "0/m", "60/d", "60/m:0", "60/m:", "-1/m"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_burst_passes_and_the_next_must_wait() {
        let limiter = Limiter::new("1/h:3".parse().unwrap());
        for _ in 0..3 {
            limiter.check(&"a").unwrap();
        }
        let TooSoon(wait) = limiter.check(&"a").unwrap_err();
        assert!(wait > Duration::from_mins(50));
        limiter.check(&"b").unwrap();
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let limiter = Limiter::new("1/h:3".parse().unwrap());
        for key in 0..2 * KEYS {
            limiter.check(&key).unwrap();
        }
        let Counters(counters) = limiter.0.into_state_store();
        counters.run_pending_tasks();
        assert!(counters.entry_count() <= KEYS);
    }
}
