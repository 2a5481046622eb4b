//! A connection on which answers have to be taken: one whose other side does not read ends.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Wraps a connection. Once something cannot be written at once, all of it has to be within a time, or writing fails.
#[derive(Debug)]
pub struct Sending<S> {
    stream: S,
    within: Duration,
    /// Ends the wait; None while nothing waits.
    end: Option<Pin<Box<Sleep>>>,
}

impl<S> Sending<S> {
    /// Gives the other side of `stream` so long for each answer.
    pub fn new(stream: S, within: Duration) -> Self {
        Self {
            stream,
            within,
            end: None,
        }
    }

    fn in_time<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        let within = self.within;
        let end = self.end.get_or_insert_with(|| Box::pin(sleep(within)));
        let is_over = end.as_mut().poll(context);
        is_over.map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Sending<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sending<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            // Whoever flushes has written all there was.
            self.end = None;
        }
        self.in_time(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.in_time(context, ended)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const WITHIN: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn an_answer_that_nobody_reads_ends_the_connection() {
        let (_other, stream) = duplex(4);
        let mut sending = Sending::new(stream, WITHIN);
        let outcome = sending.write_all(b"longer than four").await;
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_that_is_read_a_byte_at_a_time_ends_it_too() {
        let (mut other, stream) = duplex(4);
        let mut sending = Sending::new(stream, WITHIN);
        let reading = tokio::spawn(async move {
            while other.read_u8().await.is_ok() {
                sleep(WITHIN / 4).await;
            }
        });
        let outcome = sending.write_all(b"longer than four").await;
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(sending);
        reading.await.unwrap();
    }

    #[tokio::test]
    async fn each_answer_has_the_time_anew() {
        let (mut other, stream) = duplex(4);
        let mut sending = Sending::new(stream, Duration::from_mins(1));
        let waiting = sending.write_all(b"longer");
        let mut read = [0; 6];
        let (written, taken) = tokio::join!(waiting, other.read_exact(&mut read));
        written.unwrap();
        taken.unwrap();
        assert!(sending.end.is_some(), "it had to wait");
        sending.flush().await.unwrap();
        assert!(sending.end.is_none());
    }
}
