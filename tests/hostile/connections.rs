use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::{OWNER_EMAIL, PASSWORD, Server};

/// Between two lines of a head that never ends.
const PAUSE: Duration = Duration::from_millis(50);

/// The server gives a reader a second, the system no more.
const KEPT_AT_MOST: Duration = Duration::from_secs(40);

/// Between two lines of one of many.
const DRIP: Duration = Duration::from_secs(2);

/// Opens a connection and sends the beginning of a request.
async fn begun(server: &Server, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream
}

/// Waits until the server has closed the connection.
async fn closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}

/// The answer on a connection of its own.
async fn ask(server: &Server, line: &str, body: &str) -> String {
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut stream = begun(server, &(head + body)).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn connections_without_a_whole_head_are_closed_by_the_server() {
    let server = Server::start_with(&[("CHANCERY_HEAD_TIMEOUT", "1s")]).await;
    let answered = format!(
        "GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n",
        server.address()
    );
    for sent in ["", "G", "GET /healthz HTTP/1.1\r\nHost: a\r\n", &answered] {
        closed(begun(&server, sent).await).await;
    }
    let mut dripping = begun(&server, "GET /healthz HTTP/1.1\r\n").await;
    // Each line comes in time, the whole head never does.
    while dripping.write_all(b"X-Drip: 1\r\n").await.is_ok() {
        tokio::time::sleep(PAUSE).await;
    }
}

#[tokio::test]
async fn connections_that_only_hold_a_place_shut_nobody_out() {
    let settings = [
        ("CHANCERY_MAX_CONNECTIONS", "20"),
        ("CHANCERY_MAX_CONNECTIONS_PER_ADDRESS", "10"),
    ];
    let server = Server::start_with(&settings).await;
    server.owner().await;
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(begun(&server, "G").await);
    }
    let body = format!("{{\"email\":\"{OWNER_EMAIL}\",\"password\":\"{PASSWORD}\"}}");
    for (line, body, status) in [
        ("GET /healthz", "", "200"),
        ("POST /api/v2/users/login", &*body, "201"),
    ] {
        let answer = ask(&server, line, body).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    let first = held.swap_remove(0);
    closed(first).await;
    let said = server
        .logs()
        .matches("connections are at their limit")
        .count();
    assert_eq!(said, 1, "{}", server.logs());
}

/// A client that keeps connections would else use one that ends.
#[tokio::test]
async fn an_answer_before_the_end_of_the_request_ends_the_connection_and_says_so() {
    let server = Server::start_with(&[("CHANCERY_RATE_LIMIT_LOGIN", "1/h:1")]).await;
    let head = "POST /api/v2/users/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    let refused = ask(&server, "POST /api/v2/users/login", "{}").await;
    assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
    let mut stream = begun(&server, head).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    let request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut kept = begun(&server, request).await;
    let mut answer = [0; 15];
    for _ in 0..2 {
        kept.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        while !answer.ends_with(b"ok\n") {
            answer.rotate_left(1);
            answer[14] = kept.read_u8().await.unwrap();
        }
        kept.write_all(request.as_bytes()).await.unwrap();
    }
}

/// Asks for the same again and again and reads nothing, until the server ends the connection.
#[tokio::test]
async fn answers_that_nobody_reads_end_the_connection() {
    let server = Server::start_with(&[("CHANCERY_SEND_TIMEOUT", "1s")]).await;
    let request = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut stream = begun(&server, request).await;
    while stream.write_all(request.as_bytes()).await.is_ok() {}
    let answer = ask(&server, "GET /healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// Whether the system has a connection between these two, as the first of them sees it.
fn is_there(local: SocketAddr, remote: SocketAddr) -> bool {
    let shown = |address: SocketAddr| match address.ip() {
        std::net::IpAddr::V4(ip) => {
            let ip = u32::from_ne_bytes(ip.octets());
            format!("{ip:08X}:{:04X}", address.port())
        }
        std::net::IpAddr::V6(_) => panic!("the test's server listens on IPv4"),
    };
    let ends = format!("{} {}", shown(local), shown(remote));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| line.contains(&ends))
}

/// What was written and is not taken, the system would keep for minutes after the server has closed the connection.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_nobody_takes_is_not_kept_by_the_system_either() {
    let server = Server::start_with(&[("CHANCERY_SEND_TIMEOUT", "1s")]).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address()).await.unwrap();
    // No more than the server reads: what it had not read would end the connection at once.
    let request = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let ours = stream.local_addr().unwrap();
    assert!(is_there(server.address(), ours));
    let gone = tokio::time::timeout(KEPT_AT_MOST, async {
        while is_there(server.address(), ours) {
            tokio::time::sleep(PAUSE).await;
        }
    });
    gone.await
        .expect("the system should give the connection up");
}

/// With 1,024 files allowed to the server, 5,000 connections from twenty addresses drip and come again when they are closed; who comes
/// after them is answered.
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_dripping_connections_shut_nobody_out() {
    const CONNECTIONS: usize = 5_000;
    const ADDRESSES: usize = 20;
    allow_files(2 * u64::try_from(CONNECTIONS).unwrap());
    let server = Server::start_with_files(1_024).await;
    server.owner().await;
    let begun = Arc::new(Semaphore::new(0));
    let dripping: JoinSet<()> = (0..CONNECTIONS)
        .map(|number| {
            let from = Ipv4Addr::new(127, 0, 1, u8::try_from(number % ADDRESSES).unwrap());
            drip(server.address(), from, Arc::clone(&begun))
        })
        .collect();
    let _all = begun
        .acquire_many(u32::try_from(CONNECTIONS).unwrap())
        .await;
    let body = format!("{{\"email\":\"{OWNER_EMAIL}\",\"password\":\"{PASSWORD}\"}}");
    for _ in 0..3 {
        let healthy = ask(&server, "GET /healthz", "").await;
        assert!(healthy.starts_with("HTTP/1.1 200 "), "{healthy}");
        let signed_in = ask(&server, "POST /api/v2/users/login", &body).await;
        assert!(signed_in.starts_with("HTTP/1.1 201 "), "{signed_in}");
    }
    assert!(server.logs().contains("connections are at their limit"));
    assert!(!server.logs().contains("no connection can be accepted"));
    drop(dripping);
}

/// Sends a head that never ends, a line now and then, on a new connection whenever the old one is closed. Tells of the first line.
async fn drip(server: SocketAddr, from: Ipv4Addr, begun: Arc<Semaphore>) {
    let mut first = Some(begun);
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        if let Ok(mut stream) = socket.connect(server).await {
            let mut line: &[u8] = b"GET /healthz HTTP/1.1\r\n";
            while stream.write_all(line).await.is_ok() {
                if let Some(begun) = first.take() {
                    begun.add_permits(1);
                }
                line = b"X-Drip: 1\r\n";
                tokio::time::sleep(DRIP).await;
            }
        }
        tokio::time::sleep(DRIP).await;
    }
}

/// Raises the number of files that this process may have open.
fn allow_files(files: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    assert!(
        limit.maximum.is_none_or(|maximum| maximum >= files),
        "this test needs {files} files; the system allows {:?}",
        limit.maximum
    );
    if limit.current.is_some_and(|current| current < files) {
        limit.current = Some(files);
        setrlimit(Resource::Nofile, limit).unwrap();
    }
}
