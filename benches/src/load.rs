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
    /// Whether it is done for a while before it counts; not what can be done only so often.
    const WARMS_UP: bool = true;

    /// Does it once and checks the answers.
    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure>;

    /// Whether there is nothing left to do: what can be done only so often says so here.
    fn is_over(&self) -> bool {
        false
    }
}

/// What a correct server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What was asked for.
    Granted,
    /// That another client was faster; it is also counted apart.
    Refused,
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

/// Lets every scenario run as a client of its own during `window`, against the `addresses` in turn.
pub async fn run<S: Scenario>(
    addresses: &[SocketAddr],
    scenarios: impl IntoIterator<Item = S>,
    window: Window,
) -> Outcome {
    let start = Instant::now() + window.warm_up;
    let end = start + window.measured;
    let local = LocalSet::new();
    let mut clients = JoinSet::new();
    for (scenario, address) in scenarios.into_iter().zip(addresses.iter().cycle()) {
        clients.spawn_local_on(client(*address, scenario, end), &local);
    }
    let tallies = local.run_until(clients.join_all()).await;
    summarise(tallies, start, end)
}

async fn client(address: SocketAddr, mut scenario: impl Scenario, end: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut connection = None;
    while Instant::now() < end && !tally.is_spoilt() {
        if scenario.is_over() {
            tally.over_at = Some(Instant::now());
            break;
        }
        let begun = Instant::now();
        let operation = operate(address, &mut scenario, &mut connection);
        let failure = match tokio::time::timeout(OPERATION_TIMEOUT, operation).await {
            Ok(Ok(answer)) => {
                tally.answer(begun, answer);
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
) -> Result<Answer, Failure> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(Connection::open(address).await?),
    };
    scenario.once(connection).await
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
