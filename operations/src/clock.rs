//! The one place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};

/// Tells the time in UTC, cut to microseconds (what PostgreSQL keeps).
///
/// The system's clock serves; a settable one drives tests. Clones share the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Settable(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `at` until it is moved with [`Clock::advance`].
    pub fn settable(at: DateTime<Utc>) -> Self {
        Self(Source::Settable(Arc::new(AtomicI64::new(
            at.timestamp_micros(),
        ))))
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        let microseconds = match &self.0 {
            Source::System => system_now().timestamp_micros(),
            Source::Settable(at) => at.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(microseconds).unwrap_or_default()
    }

    /// Moves a settable clock forward (or back, for a negative duration). The system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Settable(at) = &self.0 {
            at.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where time enters the program"
)]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settable_clock_moves_only_when_told_and_for_every_clone() {
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let clock = Clock::settable(start);
        let other = clock.clone();
        assert_eq!(clock.now(), start);
        other.advance(Duration::hours(1));
        assert_eq!(clock.now(), start + Duration::hours(1));
    }

    #[test]
    fn times_carry_no_more_than_microseconds() {
        assert_eq!(Clock::system().now().timestamp_subsec_nanos() % 1000, 0);
    }
}
