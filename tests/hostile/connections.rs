use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{OWNER_EMAIL, PASSWORD, Server};

/// Between two lines of a head that never ends.
const PAUSE: Duration = Duration::from_millis(50);

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
