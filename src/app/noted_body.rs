//! A request's body that tells whether it was read to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

/// Tells it of one body.
#[derive(Clone, Debug)]
pub struct WasRead(Arc<AtomicBool>);

impl WasRead {
    /// Whether there is nothing left of the body.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body whose end is noted.
#[derive(Debug)]
pub struct NotedBody {
    body: Incoming,
    was_read: WasRead,
}

impl NotedBody {
    /// Notes the end of `body`.
    pub fn new(body: Incoming) -> (Self, WasRead) {
        let was_read = WasRead(Arc::new(AtomicBool::new(body.is_end_stream())));
        let noted = Self {
            body,
            was_read: was_read.clone(),
        };
        (noted, was_read)
    }
}

impl Body for NotedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.was_read.0.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
