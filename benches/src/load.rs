//! The load generator: virtual clients in one thread, each with a connection of its own, for a bounded time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};

use crate::http::{Connection, HttpError};
use crate::tally::{self, Outcome, Tally};

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
    tally::summarise(tallies, start, end)
}

async fn client(address: SocketAddr, mut scenario: impl Scenario, end: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut connection = None;
    while Instant::now() < end && !tally.is_spoilt() {
        if scenario.is_over() {
            tally.over();
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
