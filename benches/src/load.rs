//! The load generator: virtual clients in one thread, each with a connection of its own, for a bounded time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};

use crate::http::{Connection, HttpError};

/// A client that fails this often without a success in between gives up: the run is spoilt anyway.
const FAILURES_IN_A_ROW: usize = 5;
/// How many failures are kept with their text.
pub const FAILURES_SHOWN: usize = 3;
/// How long one operation may take before the run counts it as a failure and ends.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

/// What one virtual client does again and again.
pub trait Scenario: 'static {
    /// Does it once and checks the answers.
    async fn once(&mut self, connection: &mut Connection) -> Result<(), Failure>;
}

/// Why an operation does not count.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There was no usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The answer is not the expected one.
    #[error("{request}: {status} {excerpt}")]
    Unexpected {
        /// What was asked.
        request: &'static str,
        /// The answer's status.
        status: u16,
        /// The beginning of its body.
        excerpt: String,
    },
}

impl Failure {
    /// An answer that is not the expected one, with the beginning of its body.
    pub fn unexpected(request: &'static str, status: u16, body: &[u8]) -> Self {
        Self::Unexpected {
            request,
            status,
            excerpt: String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned(),
        }
    }
}

/// How long a run takes: first without counting, then counted.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub measured: Duration,
}

/// What a run gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Operations per second that ended in the measured time.
    pub rate: f64,
    /// Operations that succeeded, those of the warm-up included.
    pub operations: usize,
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
    durations: Vec<Duration>,
    operations: usize,
    failures: usize,
    failures_in_a_row: usize,
    examples: Vec<String>,
}

impl Tally {
    /// An operation that began at `begun` has just ended; it counts when that is between `start` and `end`.
    pub fn success(&mut self, begun: Instant, start: Instant, end: Instant) {
        let ended = Instant::now();
        self.operations += 1;
        self.failures_in_a_row = 0;
        if ended >= start && ended < end {
            self.durations.push(ended - begun);
        }
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

/// Lets every scenario run as a client of its own against `address` during `window`.
pub async fn run<S: Scenario>(
    address: SocketAddr,
    scenarios: impl IntoIterator<Item = S>,
    window: Window,
) -> Outcome {
    let start = Instant::now() + window.warm_up;
    let end = start + window.measured;
    let local = LocalSet::new();
    let mut clients = JoinSet::new();
    for scenario in scenarios {
        clients.spawn_local_on(client(address, scenario, start, end), &local);
    }
    let tallies = local.run_until(clients.join_all()).await;
    summarise(tallies, window.measured)
}

async fn client(
    address: SocketAddr,
    mut scenario: impl Scenario,
    start: Instant,
    end: Instant,
) -> Tally {
    let mut tally = Tally::default();
    let mut connection = None;
    while Instant::now() < end && !tally.is_spoilt() {
        let begun = Instant::now();
        let operation = operate(address, &mut scenario, &mut connection);
        let failure = match tokio::time::timeout(OPERATION_TIMEOUT, operation).await {
            Ok(Ok(())) => {
                tally.success(begun, start, end);
                continue;
            }
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => format!("no answer in {OPERATION_TIMEOUT:?}"),
        };
        connection = None;
        tally.failure(failure);
    }
    tally
}

async fn operate(
    address: SocketAddr,
    scenario: &mut impl Scenario,
    connection: &mut Option<Connection>,
) -> Result<(), Failure> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(Connection::open(address).await?),
    };
    scenario.once(connection).await
}

/// The outcome of all clients together.
pub fn summarise(tallies: Vec<Tally>, measured: Duration) -> Outcome {
    let mut outcome = Outcome::default();
    let mut durations = Vec::new();
    for tally in tallies {
        durations.extend(tally.durations);
        outcome.operations += tally.operations;
        outcome.failures += tally.failures;
        outcome.examples.extend(tally.examples);
    }
    outcome.examples.truncate(FAILURES_SHOWN);
    outcome.rate = durations.len() as f64 / measured.as_secs_f64();
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

    #[test]
    fn the_rate_counts_only_what_ended_in_the_measured_time() {
        let tallies = vec![
            Tally {
                durations: vec![Duration::from_millis(5); 30],
                failures: 1,
                examples: vec!["closed".to_owned()],
                ..Tally::default()
            },
            Tally {
                durations: vec![Duration::from_millis(7); 10],
                ..Tally::default()
            },
        ];
        let outcome = summarise(tallies, Duration::from_secs(2));
        assert!((outcome.rate - 20.0).abs() < 1e-9);
        let latency = outcome.latency.unwrap();
        assert_eq!(latency.p50, Duration::from_millis(5));
        assert_eq!(latency.p99, Duration::from_millis(7));
        assert_eq!((outcome.failures, outcome.examples.len()), (1, 1));
    }
}
