//! From a listening socket to requests. Time and number of connections are bounded here; time and size of requests, by the router.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::connections::{Connections, Place};
use super::noted_body::NotedBody;
use super::sending::Sending;
use crate::http::base::client_address::is_trusted;
use crate::rate_limit::host_of;

/// How long to wait when the system has no connection to give.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Answers the requests of a socket's connections with `router`.
pub struct Listener {
    /// Where connections come in.
    pub socket: TcpListener,
    /// What answers.
    pub router: Router,
    /// Longest time that a connection waits for the whole head of its next request.
    pub head_timeout: Duration,
    /// Longest time that a client takes to read an answer.
    pub send_timeout: Duration,
    /// How many may be open.
    pub connections: Connections,
    /// Proxies, from one of which many connections may come.
    pub trusted_proxies: Vec<IpNet>,
}

impl Listener {
    /// Serves until `stop`; then answers the requests under way.
    pub async fn run(self, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let mut can_accept = true;
        loop {
            let accepted = tokio::select! {
                accepted = self.accept() => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    can_accept = true;
                    self.take(&tracker, stream, peer, &stop);
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if std::mem::take(&mut can_accept) {
                        tracing::error!(%error, "no connection can be accepted");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(ACCEPT_AGAIN) => {}
                        () = stop.cancelled() => break,
                    }
                }
            }
        }
        drop(self.socket);
        tracker.close();
        tracker.wait().await;
    }

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.connections.settle().await;
        self.socket.accept().await
    }

    fn take(
        &self,
        tracker: &TaskTracker,
        stream: TcpStream,
        peer: SocketAddr,
        stop: &CancellationToken,
    ) {
        let is_proxy = is_trusted(peer.ip().to_canonical(), &self.trusted_proxies);
        let Some(place) = self.connections.admit(host_of(peer.ip()), is_proxy) else {
            return;
        };
        // Answers are small and whole: waiting to fill a packet only costs time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        // What was written and is not taken: the system keeps it no longer either, even when the connection is closed.
        let patience = u32::try_from(self.send_timeout.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = set_tcp_user_timeout(&stream, patience) {
            tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
        }
        let (router, head_timeout) = (self.router.clone(), self.head_timeout);
        let stream = Sending::new(stream, self.send_timeout);
        let stop = stop.clone();
        tracker.spawn(async move {
            serve(stream, peer, router, head_timeout, &place, stop).await;
        });
    }
}

async fn serve(
    stream: Sending<TcpStream>,
    peer: SocketAddr,
    router: Router,
    head_timeout: Duration,
    place: &Arc<Place>,
    stop: CancellationToken,
) {
    let service = service_fn(|request: Request<Incoming>| {
        let busy = place.begin();
        let (head, body) = request.into_parts();
        let (body, was_read) = NotedBody::new(body);
        let mut request = Request::from_parts(head, Body::new(body));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(Arc::clone(place));
        let answer = router.clone().oneshot(request);
        async move {
            let Ok(mut answer) = answer.await;
            drop(busy);
            // The rest of the request is not read, so nothing can follow it.
            if !was_read.get() {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = &mut connection => served,
        () = place.cut() => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// The client went away between its connection and its acceptance.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
