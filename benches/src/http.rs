//! HTTP/1.1 as the load generator speaks it: one keep-alive connection, requests made beforehand, and the least parsing that
//! still sees status, `Location` and body. It shares the machine with the server, so what it spends the server lacks.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is read; nothing that is benchmarked answers with more.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
const READ_SIZE: usize = 8 * 1024;

/// Why a request had no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The connection could not be opened, written or read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The server closed the connection before the answer's end.
    #[error("the connection was closed before the answer's end")]
    Closed,
    /// The answer is no HTTP/1.1 answer with a `Content-Length`, or is longer than [`LONGEST_ANSWER`].
    #[error("unusable answer: {0}")]
    Malformed(&'static str),
}

/// One answer, borrowed from its connection's buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<&'a str>,
    /// The body, complete.
    pub body: &'a [u8],
}

/// A keep-alive connection with at most one request under way.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to `address`.
    pub async fn open(address: SocketAddr) -> Result<Self, HttpError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(READ_SIZE),
        })
    }

    /// Sends `request`, which is a whole HTTP/1.1 request, and reads the answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Response<'_>, HttpError> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            if let Some(head) = parse_head(&self.buffer)? {
                break head;
            }
            self.fill().await?;
        };
        let end = head.length + head.content_length;
        if end > LONGEST_ANSWER {
            return Err(HttpError::Malformed("the body is too long"));
        }
        while self.buffer.len() < end {
            self.fill().await?;
        }
        let location = match head.location {
            Some(range) => Some(
                std::str::from_utf8(&self.buffer[range])
                    .map_err(|_| HttpError::Malformed("a Location that is not UTF-8"))?,
            ),
            None => None,
        };
        Ok(Response {
            status: head.status,
            location,
            body: &self.buffer[head.length..end],
        })
    }

    async fn fill(&mut self) -> Result<(), HttpError> {
        if self.buffer.len() > LONGEST_ANSWER {
            return Err(HttpError::Malformed("the answer is too long"));
        }
        self.buffer.reserve(READ_SIZE);
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(HttpError::Closed),
            _ => Ok(()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    location: Option<std::ops::Range<usize>>,
    content_length: usize,
    length: usize,
}

/// The head at the start of `bytes`; None while it is incomplete.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>, HttpError> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let status = match bytes.get(..12) {
        Some(line) if line.starts_with(b"HTTP/1.1 ") => std::str::from_utf8(&line[9..12])
            .ok()
            .and_then(|digits| digits.parse().ok()),
        _ => None,
    };
    let mut head = Head {
        status: status.ok_or(HttpError::Malformed("no HTTP/1.1 status line"))?,
        location: None,
        content_length: 0,
        length: end + 4,
    };
    let mut start = 0;
    while start < end {
        let line_end = bytes[start..end + 2]
            .windows(2)
            .position(|window| window == b"\r\n")
            .map_or(end, |offset| start + offset);
        let line = &bytes[start..line_end];
        if let Some(colon) = line.iter().position(|&byte| byte == b':') {
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if name.eq_ignore_ascii_case(b"content-length") {
                head.content_length = std::str::from_utf8(value)
                    .ok()
                    .and_then(|digits| digits.parse().ok())
                    .ok_or(HttpError::Malformed("a Content-Length that is no number"))?;
            } else if name.eq_ignore_ascii_case(b"location") {
                let leading = line[colon + 1..].len() - line[colon + 1..].trim_ascii_start().len();
                let from = start + colon + 1 + leading;
                head.location = Some(from..from + value.len());
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                return Err(HttpError::Malformed("a Transfer-Encoding"));
            }
        }
        start = line_end + 2;
    }
    Ok(Some(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_gives_status_location_and_the_place_of_the_body() {
        let text = b"HTTP/1.1 302 Found\r\nLOCATION:  http://h/cb?code=c&state=s \r\ncontent-length: 3\r\n\r\nabc";
        let head = parse_head(text).unwrap().unwrap();
        assert_eq!(head.status, 302);
        assert_eq!(&text[head.location.unwrap()], b"http://h/cb?code=c&state=s");
        assert_eq!(head.content_length, 3);
        assert_eq!(&text[head.length..], b"abc");
    }

    #[test]
    fn a_head_is_awaited_until_its_empty_line() {
        let text = b"HTTP/1.1 204 No Content\r\n\r\n";
        for length in 0..text.len() {
            assert_eq!(parse_head(&text[..length]).unwrap(), None);
        }
        assert_eq!(parse_head(text).unwrap().unwrap().status, 204);
    }

    #[test]
    fn an_answer_the_parser_does_not_know_is_an_error_not_a_wrong_figure() {
        for text in [
            "HTTP/1.0 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        ] {
            assert!(parse_head(text.as_bytes()).is_err(), "{text}");
        }
    }
}
