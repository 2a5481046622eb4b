//! How much of an answer is taken.

use std::sync::Arc;
use std::time::Duration;

use chancery_outbound::{FetchError, Limits, Settings};

use crate::{Names, client, client_of, fetch, settings};
use chancery_outbound::testing::{Answer, Server, answer, json, json_bytes};

const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::test]
async fn a_body_is_taken_up_to_the_bound_and_no_further() {
    let server = Server::start(|head| {
        let length = if head.starts_with("GET /fits") {
            1000
        } else {
            1001
        };
        json(&[], &"x".repeat(length))
    })
    .await;
    let client = client_of(&server);
    assert_eq!(
        fetch(&client, &server.url("/fits")).await.unwrap().len(),
        1000
    );
    let refused = fetch(&client, &server.url("/long")).await;
    assert_eq!(refused, Err(FetchError::TooLong(1000)));
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_bounded_too() {
    let server = Server::start(|_| Answer::Endless(CHUNKED.to_vec(), b"4\r\n[[[[\r\n")).await;
    let refused = fetch(&client_of(&server), &server.url("/")).await;
    assert_eq!(refused, Err(FetchError::TooLong(1000)));
}

#[tokio::test]
async fn an_announced_length_is_believed_before_a_byte_is_read() {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n";
    let server = Server::start(move |_| Answer::Silence(head.as_bytes().to_vec())).await;
    let refused = fetch(&client_of(&server), &server.url("/")).await;
    assert_eq!(refused, Err(FetchError::TooLong(1000)));
}

#[tokio::test]
async fn a_server_that_drips_or_says_nothing_runs_out_of_time() {
    let server = Server::start(|head| {
        if head.starts_with("GET /drip") {
            Answer::Endless(CHUNKED.to_vec(), b"1\r\n \r\n")
        } else if head.starts_with("GET /stops") {
            Answer::Silence(CHUNKED.to_vec())
        } else {
            Answer::Silence(Vec::new())
        }
    })
    .await;
    let impatient = Settings {
        limits: Limits {
            time: Duration::from_millis(300),
            bytes: usize::MAX,
            at_once: 4,
        },
        ..settings(&server)
    };
    let client = client(impatient, Names::answering(&[&["127.0.0.1"]]));
    for path in ["/drip", "/stops", "/silent"] {
        let refused = fetch(&client, &server.url(path)).await;
        assert_eq!(refused, Err(FetchError::TimedOut), "{path}");
    }
}

#[tokio::test]
async fn no_more_requests_than_allowed_are_under_way_at_once() {
    let server = Server::start(|_| Answer::Later(json_bytes("{}"))).await;
    let two_turns = Settings {
        limits: Limits {
            at_once: 2,
            ..settings(&server).limits
        },
        ..settings(&server)
    };
    let client = Arc::new(client(two_turns, Names::answering(&[&["127.0.0.1"]])));
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (client, url) = (Arc::clone(&client), server.url(&format!("/{number}")));
        requests.spawn(async move { fetch(&client, &url).await });
    }
    while let Some(body) = requests.join_next().await {
        assert_eq!(body.unwrap().unwrap(), "{}");
    }
    assert_eq!((server.heads().len(), server.most_at_once()), (20, 2));
}

#[tokio::test]
async fn only_json_is_taken() {
    for (headers, refused) in [
        (&["content-type: text/html"][..], FetchError::MediaType),
        (&[], FetchError::MediaType),
        (
            &["content-type: text/plain, application/json"],
            FetchError::MediaType,
        ),
        (
            &["content-type: application/json", "content-encoding: gzip"],
            FetchError::Encoded,
        ),
        (
            &[
                "content-type: application/json",
                "content-encoding: identity",
                "content-encoding: br",
            ],
            FetchError::Encoded,
        ),
    ] {
        let server = Server::start(move |_| answer("200 OK", headers, "{}")).await;
        assert_eq!(
            fetch(&client_of(&server), &server.url("/")).await,
            Err(refused),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn a_gzip_bomb_is_not_opened() {
    // Ten megabytes of zeros, in so few bytes that they are within the bound.
    let bomb = include_bytes!("ten_megabytes.gz");
    let with_encoding = |encoding: &str| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{encoding}content-length: {}\r\n\r\n",
            bomb.len()
        );
        [head.as_bytes(), bomb].concat()
    };
    let (encoded, bare) = (
        with_encoding("content-encoding: gzip\r\n"),
        with_encoding(""),
    );
    let server = Server::start(move |head| {
        Answer::Bytes(if head.starts_with("GET /encoded") {
            encoded.clone()
        } else {
            bare.clone()
        })
    })
    .await;
    let wide = Settings {
        limits: Limits {
            bytes: bomb.len(),
            ..settings(&server).limits
        },
        ..settings(&server)
    };
    let client = client(wide, Names::answering(&[&["127.0.0.1"]]));
    assert_eq!(
        fetch(&client, &server.url("/encoded")).await,
        Err(FetchError::Encoded)
    );
    assert_eq!(
        fetch(&client, &server.url("/bare")).await.unwrap(),
        &bomb[..]
    );
}

#[tokio::test]
async fn other_statuses_are_no_documents() {
    for (status, code) in [
        ("204 No Content", 204),
        ("206 Partial", 206),
        ("304 Not Modified", 304),
        ("404 Not Found", 404),
        ("500 Oops", 500),
    ] {
        let server =
            Server::start(move |_| answer(status, &["content-type: application/json"], "")).await;
        let refused = fetch(&client_of(&server), &server.url("/")).await;
        assert_eq!(refused, Err(FetchError::Status(code)), "{status}");
    }
}
