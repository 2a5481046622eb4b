use std::future::ready;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use chancery_operations::provisioner_daemon::{Admitted, Session};
use chancery_provisioner::{End, Limits, byte_stream, serve};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::service::Daemon;

/// How long a daemon may take to say good-bye.
const FAREWELL: Duration = Duration::from_secs(2);

/// The sessions of provisioner daemons with this server. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    stop: CancellationToken,
    running: TaskTracker,
}

impl Sessions {
    /// Ends them all, and lets no other begin.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.running.close();
        self.running.wait().await;
    }

    /// Has a daemon's calls answered until it goes away, or what it came in by ends.
    pub async fn run(&self, admitted: Admitted, socket: WebSocket) {
        let session = self
            .running
            .track_future(run(admitted, socket, self.stop.child_token()));
        session.await;
    }
}

async fn run(admitted: Admitted, socket: WebSocket, stop: CancellationToken) {
    let (mut sink, mut messages) = socket.split();
    let (code, reason) = match admitted.connect().await {
        Ok(session) => answer(session, &mut sink, &mut messages, stop).await,
        Err(failure) => {
            tracing::warn!(%failure, "a provisioner daemon cannot come in");
            (close_code::AGAIN, "try again")
        }
    };
    close(sink, messages, code, reason).await;
}

/// Has the daemon's calls answered; the code and the reason with which its socket is to be closed.
async fn answer(
    session: Session,
    sink: &mut SplitSink<WebSocket, Message>,
    messages: &mut SplitStream<WebSocket>,
    stop: CancellationToken,
) -> (u16, &'static str) {
    let incoming = messages.filter_map(|message| {
        ready(match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Text(_)) => Some(Err(io::Error::other("a message is not binary"))),
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::other(error))),
        })
    });
    let outgoing = sink
        .with(|bytes: Bytes| ready(Ok(Message::Binary(bytes))))
        .sink_map_err(|error: axum::Error| io::Error::other(error));
    let io = byte_stream(incoming, outgoing);
    let serving = serve(io, Arc::new(Daemon), Limits::default(), stop.clone());
    let mut serving = pin!(serving);
    let mut reason = "the server stops";
    let end = tokio::select! {
        end = &mut serving => end,
        why = session.over() => {
            reason = why;
            stop.cancel();
            serving.await
        }
    };
    tracing::info!(daemon = %session.daemon_id(), %end, "a provisioner daemon's session is over");
    if let Err(failure) = session.end().await {
        tracing::warn!(%failure, "that a provisioner daemon is gone is not recorded");
    }
    match end {
        End::Stopped => (close_code::AWAY, reason),
        End::Broken(_) => (
            close_code::PROTOCOL,
            "this is no session of a provisioner daemon",
        ),
        End::Silent | End::Closed => (close_code::NORMAL, ""),
    }
}

/// Closes the socket. Until the daemon has answered it may not have read why.
async fn close(
    mut sink: SplitSink<WebSocket, Message>,
    mut messages: SplitStream<WebSocket>,
    code: u16,
    reason: &'static str,
) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    let farewell = async {
        sink.send(Message::Close(Some(frame))).await?;
        while let Some(message) = messages.next().await {
            message?;
        }
        Ok::<_, axum::Error>(())
    };
    if let Ok(Err(error)) = timeout(FAREWELL, farewell).await {
        tracing::debug!(%error, "a provisioner daemon went without a word");
    }
}
