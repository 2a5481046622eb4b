//! Requests that cannot be answered now, because the database is away or too busy. The log tells of each cause once in an outage, and how
//! many requests it was when it is over; each request is at level debug.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Without a refusal for so long an outage is over.
const OVER_AFTER: Duration = Duration::from_secs(10);
/// Causes beyond so many are not told any more.
const CAUSES: usize = 16;

static OUTAGE: Mutex<Outage> = Mutex::new(Outage::new());

/// The outage that goes on, if one does.
#[derive(Debug)]
struct Outage {
    refused: u64,
    causes: BTreeSet<String>,
    last: Option<Instant>,
}

/// Counts a request that cannot be answered.
pub fn met(cause: &(impl fmt::Display + ?Sized)) {
    let cause = cause.to_string();
    tracing::debug!(cause, "unavailable");
    let mut outage = OUTAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if outage.met(&cause, Instant::now()) {
        tracing::warn!(cause, "requests cannot be answered");
    }
}

/// Tells that requests are answered again, if it was otherwise. To be called now and then.
pub fn settle() {
    let mut outage = OUTAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(refused) = outage.over(Instant::now()) {
        tracing::info!(refused, "requests are answered again");
    }
}

impl Outage {
    const fn new() -> Self {
        Self {
            refused: 0,
            causes: BTreeSet::new(),
            last: None,
        }
    }

    /// Whether the cause is to be told.
    fn met(&mut self, cause: &str, now: Instant) -> bool {
        self.refused += 1;
        self.last = Some(now);
        self.causes.len() < CAUSES && self.causes.insert(cause.to_owned())
    }

    /// How many requests it was, when it is over.
    fn over(&mut self, now: Instant) -> Option<u64> {
        let last = self.last?;
        if now.saturating_duration_since(last) < OVER_AFTER {
            return None;
        }
        let refused = self.refused;
        *self = Self::new();
        Some(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_of_an_outage_is_told_once_and_its_end_with_a_count() {
        let mut outage = Outage::new();
        let begin = Instant::now();
        assert_eq!(outage.over(begin), None);
        let told = ["away", "away", "busy", "away"].map(|cause| outage.met(cause, begin));
        assert_eq!(told, [true, false, true, false]);
        assert_eq!(outage.over(begin + OVER_AFTER / 2), None);
        assert_eq!(outage.over(begin + OVER_AFTER), Some(4));
        assert_eq!(outage.over(begin + OVER_AFTER * 2), None);
        assert!(outage.met("away", begin + OVER_AFTER * 2));
    }

    #[test]
    fn causes_without_end_are_not_told_without_end() {
        let mut outage = Outage::new();
        let now = Instant::now();
        let told = (0..1000).filter(|number| outage.met(&number.to_string(), now));
        assert_eq!(told.count(), CAUSES);
    }
}
