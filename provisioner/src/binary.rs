use std::io;

use bytes::Bytes;
use futures::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio_util::io::{CopyToBytes, SinkWriter, StreamReader};

/// The byte stream that binary messages (those of a web socket) make up: where one ends and the next begins means nothing.
pub fn byte_stream<R, W>(incoming: R, outgoing: W) -> impl AsyncRead + AsyncWrite + Unpin
where
    R: Stream<Item = io::Result<Bytes>> + Unpin,
    W: Sink<Bytes, Error = io::Error> + Unpin,
{
    let writer = BufWriter::new(SinkWriter::new(CopyToBytes::new(outgoing)));
    tokio::io::join(StreamReader::new(incoming), writer)
}
