use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use futures::AsyncWriteExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_util::compat::{FuturesAsyncReadCompatExt as _, TokioAsyncReadCompatExt as _};
use tokio_util::sync::CancellationToken;
use yamux::{Config, Connection, ConnectionError, FrameDecodeError, Mode, Stream};

use crate::drpc::WireError;
use crate::{Limits, Service, answer};

/// How a session ended.
#[derive(Debug, thiserror::Error)]
pub enum End {
    /// The daemon closed it, or went away.
    #[error("the daemon closed the connection")]
    Closed,
    /// The daemon said nothing for too long.
    #[error("the daemon said nothing for too long")]
    Silent,
    /// What the daemon sent is not yamux, or more than it may.
    #[error("the connection broke: {0}")]
    Broken(ConnectionError),
    /// It was stopped from here.
    #[error("the session was stopped")]
    Stopped,
}

/// Has `service` answer a daemon's calls until the connection ends or `stop` is cancelled. Calls that are being answered then may
/// go on for the limits' grace. The connection is the caller's to close.
pub async fn serve<T, S>(io: T, service: Arc<S>, limits: Limits, stop: CancellationToken) -> End
where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service,
{
    let mut io = TimeoutStream::new(io);
    io.set_read_timeout(Some(limits.silence));
    let mut connection = Connection::new(Box::pin(io).compat(), config(&limits), Mode::Server);
    let mut calls = Calls::new(service, limits);
    let end = loop {
        tokio::select! {
            inbound = poll_fn(|context| connection.poll_next_inbound(context)) => match inbound {
                Some(Ok(stream)) => calls.begin(stream),
                Some(Err(error)) => break ended(error),
                None => break End::Closed,
            },
            () = calls.one_is_done() => {}
            () = stop.cancelled() => break End::Stopped,
        }
    };
    calls.stop.cancel();
    let grace = tokio::time::sleep(calls.limits.grace);
    tokio::pin!(grace);
    while !calls.running.is_empty() {
        tokio::select! {
            // Answers need the connection to be driven; new calls are refused by being dropped.
            Some(Ok(_)) = poll_fn(|context| connection.poll_next_inbound(context)) => {}
            Some(_) = calls.running.join_next() => {}
            () = &mut grace => break,
        }
    }
    end
}

/// Windows do not grow: what a session may make the server hold is known beforehand.
fn config(limits: &Limits) -> Config {
    let streams = limits.calls * 4;
    let mut config = Config::default();
    config.set_max_connection_receive_window(None);
    config.set_max_num_streams(streams);
    config.set_max_connection_receive_window(Some(streams * yamux::DEFAULT_CREDIT as usize));
    config
}

fn ended(error: ConnectionError) -> End {
    match &error {
        ConnectionError::Closed => End::Closed,
        ConnectionError::Io(cause) | ConnectionError::Decode(FrameDecodeError::Io(cause)) => {
            match cause.kind() {
                io::ErrorKind::TimedOut => End::Silent,
                _ => End::Closed,
            }
        }
        _ => End::Broken(error),
    }
}

/// The calls of a session.
struct Calls<S> {
    service: Arc<S>,
    limits: Limits,
    turns: Arc<Semaphore>,
    running: JoinSet<()>,
    stop: CancellationToken,
}

impl<S: Service> Calls<S> {
    fn new(service: Arc<S>, limits: Limits) -> Self {
        Self {
            service,
            turns: Arc::new(Semaphore::new(limits.calls)),
            limits,
            running: JoinSet::new(),
            stop: CancellationToken::new(),
        }
    }

    fn begin(&mut self, stream: Stream) {
        let (service, limits) = (Arc::clone(&self.service), self.limits.clone());
        let (turns, stop) = (Arc::clone(&self.turns), self.stop.clone());
        self.running.spawn(async move {
            if let Err(error) = one(stream, &*service, &limits, &turns, &stop).await {
                tracing::debug!(%error, "a provisioner daemon's call broke");
            }
        });
    }

    async fn one_is_done(&mut self) {
        if self.running.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

async fn one<S: Service>(
    mut stream: Stream,
    service: &S,
    limits: &Limits,
    turns: &Semaphore,
    stop: &CancellationToken,
) -> Result<(), WireError> {
    // The library acknowledges a stream with the first data that is sent on it, and daemons drop a session in which a stream
    // is not acknowledged for 75 seconds. A call may wait for a job longer than that, so data of no length goes first.
    // On a connection that is lost already it cannot, and what was said on it before is still done.
    let _ = stream.write(&[]).await;
    let Ok(_turn) = turns.acquire().await else {
        return Ok(());
    };
    answer(stream.compat(), service, limits, stop).await
}
