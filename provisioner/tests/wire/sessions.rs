use std::sync::Arc;
use std::time::Duration;

use chancery_provisioner::{End, Limits, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::{JOB, Jobs, Said, job};

const DATA: u8 = 0;
const WINDOW: u8 = 1;
const PING: u8 = 2;
const SYN: u16 = 1;
const ACK: u16 = 2;
const FIN: u16 = 4;

/// A yamux frame; `length` is that of `data`, or what the type makes of it.
fn frame(kind: u8, flags: u16, stream: u32, length: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, kind];
    bytes.extend(flags.to_be_bytes());
    bytes.extend(stream.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend(data);
    bytes
}

fn data(flags: u16, stream: u32, bytes: &[u8]) -> Vec<u8> {
    frame(
        DATA,
        flags,
        stream,
        u32::try_from(bytes.len()).unwrap(),
        bytes,
    )
}

/// The bytes with which a daemon begins a call in a stream.
fn begun(stream: u32, rpc: &str) -> Vec<u8> {
    let name = format!("/provisionerd.ProvisionerDaemon/{rpc}");
    let invoke = [
        &[3, 1, 1, u8::try_from(name.len()).unwrap()],
        name.as_bytes(),
    ]
    .concat();
    [frame(WINDOW, SYN, stream, 0, &[]), data(0, stream, &invoke)].concat()
}

/// The bytes of a whole call.
fn call(stream: u32, rpc: &str, message: &[u8]) -> Vec<u8> {
    let mut rest = vec![5, 1, 2, u8::try_from(message.len()).unwrap()];
    rest.extend(message);
    rest.extend([13, 1, 3, 0]);
    [
        begun(stream, rpc),
        data(0, stream, &rest),
        data(FIN, stream, &[]),
    ]
    .concat()
}

fn update_of_job() -> Vec<u8> {
    let id = JOB.as_bytes();
    [&[0x0a, u8::try_from(id.len()).unwrap()], id].concat()
}

/// A session at whose other end is the test.
struct Peer {
    io: DuplexStream,
    stop: CancellationToken,
    end: JoinHandle<End>,
}

impl Peer {
    fn new(jobs: &Arc<Jobs>) -> Self {
        let (io, far) = tokio::io::duplex(1 << 20);
        let stop = CancellationToken::new();
        let session = serve(far, Arc::clone(jobs), Limits::default(), stop.clone());
        let end = tokio::spawn(session);
        Self { io, stop, end }
    }

    /// The type, flags, stream and data of the next frame that is no ping of the server's.
    async fn hear(&mut self) -> (u8, u16, u32, Vec<u8>) {
        loop {
            let mut head = [0; 12];
            self.io.read_exact(&mut head).await.unwrap();
            let flags = u16::from_be_bytes([head[2], head[3]]);
            let stream = u32::from_be_bytes(head[4..8].try_into().unwrap());
            let length = u32::from_be_bytes(head[8..].try_into().unwrap());
            let mut data = vec![0; if head[1] == DATA { length as usize } else { 0 }];
            self.io.read_exact(&mut data).await.unwrap();
            if head[1] == PING && flags == ACK {
                data = head[8..].to_vec();
            }
            if head[1] != PING || flags == ACK {
                return (head[1], flags, stream, data);
            }
        }
    }

    /// All data of a stream, up to the packet that says that there is no more.
    async fn answer(&mut self, stream: u32) -> Vec<u8> {
        let mut answer = Vec::new();
        loop {
            let (kind, flags, of, data) = self.hear().await;
            if kind == DATA && of == stream {
                assert_eq!(flags & FIN, 0, "it is not for the server to end it first");
                answer.extend(data);
                if answer.len() >= 4 && answer[answer.len() - 4] == 13 {
                    return answer;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_stream_is_acknowledged_before_its_call_is_answered() {
    let (jobs, _heard) = Jobs::new();
    let mut peer = Peer::new(&jobs);
    let waiting = begun(1, "AcquireJobWithCancel");
    peer.io.write_all(&waiting).await.unwrap();
    let (kind, flags, stream, data) = peer.hear().await;
    assert_eq!((kind, flags, stream), (DATA, ACK, 1));
    assert!(data.is_empty());
}

#[tokio::test]
async fn a_ping_is_answered_with_its_number() {
    let (jobs, _) = Jobs::new();
    let mut peer = Peer::new(&jobs);
    peer.io
        .write_all(&frame(PING, SYN, 0, 4711, &[]))
        .await
        .unwrap();
    let pong = (PING, ACK, 0, 4711_u32.to_be_bytes().to_vec());
    assert_eq!(peer.hear().await, pong);
}

#[tokio::test]
async fn a_session_carries_thousands_of_calls() {
    let (jobs, mut heard) = Jobs::new();
    let mut peer = Peer::new(&jobs);
    for n in 0..2000 {
        let stream = 2 * n + 1;
        let bytes = call(stream, "UpdateJob", &update_of_job());
        peer.io.write_all(&bytes).await.unwrap();
        // One message without content, then the end.
        assert_eq!(peer.answer(stream).await, [5, 1, 1, 0, 13, 1, 2, 0]);
        assert!(matches!(heard.recv().await, Some(Said::Updated(_))));
    }
    drop(peer.io);
    assert!(matches!(peer.end.await.unwrap(), End::Closed));
}

// Time stands still where nothing is waited for: the call that got the job is never closed by this end.
#[tokio::test(start_paused = true)]
async fn calls_beyond_those_answered_at_once_wait_for_their_turn() {
    let (jobs, mut heard) = Jobs::new();
    let mut peer = Peer::new(&jobs);
    let calls = u32::try_from(Limits::default().calls).unwrap();
    for n in 0..calls {
        let waiting = begun(2 * n + 1, "AcquireJobWithCancel");
        peer.io.write_all(&waiting).await.unwrap();
        assert_eq!(heard.recv().await, Some(Said::Waiting));
    }
    let last = 2 * calls + 1;
    let update = call(last, "UpdateJob", &update_of_job());
    peer.io.write_all(&update).await.unwrap();
    jobs.post(job("archive"));
    assert!(!peer.answer(last).await.is_empty());
    assert!(matches!(heard.recv().await, Some(Said::Updated(_))));
}

#[tokio::test]
async fn what_is_not_yamux_ends_the_session() {
    let first = [frame(WINDOW, SYN, 1, 0, &[]), frame(WINDOW, SYN, 1, 0, &[])].concat();
    let many = (0..200).flat_map(|n| frame(WINDOW, SYN, 2 * n + 1, 0, &[]));
    for (what, bytes) in [
        ("no frames", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        (
            "another version",
            [&[1], &frame(PING, SYN, 0, 0, &[])[1..]].concat(),
        ),
        ("an unknown type", frame(9, SYN, 1, 0, &[])),
        ("a frame without end", frame(DATA, SYN, 1, u32::MAX, &[])),
        ("a stream twice", first),
        ("too many streams", many.collect()),
        ("a stream of the server's", frame(WINDOW, SYN, 2, 0, &[])),
    ] {
        let (jobs, _) = Jobs::new();
        let mut peer = Peer::new(&jobs);
        peer.io.write_all(&bytes).await.unwrap();
        // What is refused with a word ends when the other side has read it and closes.
        let mut rest = Vec::new();
        if !matches!(
            what,
            "no frames" | "another version" | "an unknown type" | "a frame without end"
        ) {
            while !rest.windows(2).any(|bytes| bytes == [0, 3]) {
                assert_ne!(peer.io.read_buf(&mut rest).await.unwrap(), 0, "{what}");
            }
            drop(peer.io);
        }
        let end = peer.end.await.unwrap();
        assert!(matches!(end, End::Broken(_) | End::Closed), "{what}: {end}");
    }
}

#[tokio::test]
async fn a_session_that_is_cut_anywhere_ends_and_does_only_what_is_whole() {
    let whole = call(1, "UpdateJob", &update_of_job());
    let request_ends = whole.len() - data(FIN, 1, &[]).len();
    for cut in 0..=whole.len() {
        let (jobs, mut heard) = Jobs::new();
        let mut peer = Peer::new(&jobs);
        peer.io.write_all(&whole[..cut]).await.unwrap();
        peer.io.shutdown().await.unwrap();
        peer.end.await.unwrap();
        assert_eq!(heard.try_recv().is_ok(), cut >= request_ends, "{cut}");
    }
}

#[tokio::test]
async fn a_session_that_is_stopped_answers_what_waits() {
    let (jobs, mut heard) = Jobs::new();
    let mut peer = Peer::new(&jobs);
    let waiting = begun(1, "AcquireJobWithCancel");
    peer.io.write_all(&waiting).await.unwrap();
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    peer.stop.cancel();
    assert_eq!(peer.answer(1).await, [5, 1, 1, 0, 13, 1, 2, 0]);
    peer.io.write_all(&data(FIN, 1, &[])).await.unwrap();
    assert!(matches!(peer.end.await.unwrap(), End::Stopped));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_says_nothing_is_let_go_and_one_that_pings_is_not() {
    let (jobs, _) = Jobs::new();
    let mut peer = Peer::new(&jobs);
    for n in 0..10 {
        tokio::time::advance(Duration::from_mins(1)).await;
        peer.io
            .write_all(&frame(PING, SYN, 0, n, &[]))
            .await
            .unwrap();
        assert_eq!(peer.hear().await.0, PING);
    }
    // Time goes on by itself as long as nothing else does.
    assert!(matches!(peer.end.await.unwrap(), End::Silent));
}
