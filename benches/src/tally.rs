//! What virtual clients have done, and what that comes to.

use std::time::{Duration, Instant};

use crate::load::Answer;

/// A client that fails this often without a success in between gives up: the run is spoilt anyway.
const FAILURES_IN_A_ROW: usize = 5;
/// How many failures are kept with their text.
pub const FAILURES_SHOWN: usize = 3;

/// What a run gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Operations per second that ended in the measured time.
    pub rate: f64,
    /// Operations that succeeded, those of the warm-up included.
    pub operations: usize,
    /// Those of `operations` that were refused, as they should be.
    pub refusals: usize,
    /// How long the counted operations took, where that was measured.
    pub latency: Option<Latency>,
    /// Operations that failed, those of the warm-up included.
    pub failures: usize,
    /// The first few failures.
    pub examples: Vec<String>,
}

impl Outcome {
    /// That of operations one after the other.
    pub fn of_turns(durations: Vec<Duration>) -> Self {
        let total: Duration = durations.iter().sum();
        Self {
            rate: durations.len() as f64 / total.as_secs_f64(),
            operations: durations.len(),
            latency: Some(Latency::of(durations)),
            ..Self::default()
        }
    }

    /// That of a single long operation, of which only the rate is of interest.
    pub fn of_rate(rate: f64) -> Self {
        Self {
            rate,
            ..Self::default()
        }
    }
}

/// How long operations took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The median.
    pub p50: Duration,
    /// What 99 of 100 did not exceed.
    pub p99: Duration,
}

impl Latency {
    /// Of durations in any order.
    pub fn of(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self {
            p50: percentile(&durations, 50),
            p99: percentile(&durations, 99),
        }
    }
}

/// What one client has done so far.
#[derive(Debug, Default)]
pub struct Tally {
    done: Vec<Done>,
    refusals: usize,
    failures: usize,
    failures_in_a_row: usize,
    examples: Vec<String>,
    over_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Done {
    ended: Instant,
    took: Duration,
}

impl Tally {
    /// An operation that began at `begun` has just been answered.
    pub fn answer(&mut self, begun: Instant, answer: Answer) {
        self.failures_in_a_row = 0;
        self.refusals += usize::from(answer == Answer::Refused);
        let ended = Instant::now();
        let took = ended - begun;
        self.done.push(Done { ended, took });
    }

    /// There is nothing left to do.
    pub fn over(&mut self) {
        self.over_at = Some(Instant::now());
    }

    /// An operation has failed.
    pub fn failure(&mut self, text: String) {
        self.failures += 1;
        self.failures_in_a_row += 1;
        if self.examples.len() < FAILURES_SHOWN {
            self.examples.push(text);
        }
    }

    /// Whether so much fails that the client should give up.
    pub fn is_spoilt(&self) -> bool {
        self.failures_in_a_row >= FAILURES_IN_A_ROW
    }
}

/// The outcome of all clients together. What ended from `start` until `end` counts, or until the first client had nothing
/// left to do: from then on there were fewer.
pub fn summarise(tallies: Vec<Tally>, start: Instant, end: Instant) -> Outcome {
    let over = tallies.iter().filter_map(|tally| tally.over_at).min();
    let end = over.map_or(end, |over| over.min(end));
    let mut outcome = Outcome::default();
    let mut durations = Vec::new();
    for tally in tallies {
        outcome.operations += tally.done.len();
        outcome.refusals += tally.refusals;
        outcome.failures += tally.failures;
        outcome.examples.extend(tally.examples);
        let counted = |done: &Done| done.ended >= start && done.ended < end;
        let counted = tally.done.into_iter().filter(counted);
        durations.extend(counted.map(|done| done.took));
    }
    outcome.examples.truncate(FAILURES_SHOWN);
    let measured = end.saturating_duration_since(start);
    if !measured.is_zero() {
        outcome.rate = durations.len() as f64 / measured.as_secs_f64();
    }
    outcome.latency = Some(Latency::of(durations));
    outcome
}

/// The nearest-rank percentile of sorted durations; zero of none.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_value_that_so_many_do_not_exceed() {
        let durations: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&durations, 50), Duration::from_millis(100));
        assert_eq!(percentile(&durations, 99), Duration::from_millis(198));
        assert_eq!(percentile(&durations[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    fn tally(start: Instant, ended_ms: &[u64], took_ms: u64) -> Tally {
        let done = |ms: &u64| Done {
            ended: start + Duration::from_millis(*ms),
            took: Duration::from_millis(took_ms),
        };
        Tally {
            done: ended_ms.iter().map(done).collect(),
            ..Tally::default()
        }
    }

    #[test]
    fn the_rate_counts_only_what_ended_in_the_measured_time() {
        let begun = Instant::now();
        let start = begun + Duration::from_secs(1);
        let end = start + Duration::from_secs(2);
        let first = Tally {
            refusals: 7,
            failures: 1,
            examples: vec!["closed".to_owned()],
            ..tally(begun, &[999, 1_000, 2_000, 2_999], 5)
        };
        let outcome = summarise(vec![first, tally(begun, &[1_500, 3_000], 7)], start, end);
        assert!((outcome.rate - 2.0).abs() < 1e-9);
        let latency = outcome.latency.unwrap();
        assert_eq!(latency.p50, Duration::from_millis(5));
        assert_eq!(latency.p99, Duration::from_millis(7));
        assert_eq!((outcome.operations, outcome.refusals), (6, 7));
        assert_eq!((outcome.failures, outcome.examples.len()), (1, 1));
    }

    #[test]
    fn the_measured_time_ends_when_the_first_client_has_nothing_left_to_do() {
        let start = Instant::now();
        let over = Tally {
            over_at: Some(start + Duration::from_millis(500)),
            ..tally(start, &[100, 200, 400], 1)
        };
        let other = tally(start, &[300, 900], 1);
        let end = start + Duration::from_mins(1);
        let outcome = summarise(vec![over, other], start, end);
        assert!((outcome.rate - 8.0).abs() < 1e-9);
        assert_eq!(outcome.operations, 5);
    }
}
