//! How long a document is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chancery_outbound::{FetchError, JsonCache};

use crate::client_of;
use chancery_outbound::testing::{Server, answer, json};

/// A server whose document says how often it was sent.
async fn counting(headers: &'static [&'static str]) -> Server {
    let sent = AtomicUsize::new(0);
    Server::start(move |_| {
        json(
            headers,
            &(sent.fetch_add(1, Ordering::Relaxed) + 1).to_string(),
        )
    })
    .await
}

async fn at(client: &JsonCache, server: &Server, seconds: u64) -> Result<Bytes, FetchError> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + seconds);
    client.get(&server.url("/").parse().unwrap(), now).await
}

#[tokio::test]
async fn a_document_is_kept_as_long_as_its_server_says() {
    let server = counting(&["cache-control: max-age=60"]).await;
    let client = client_of(&server);
    for (seconds, sent) in [(0, "1"), (59, "1"), (61, "2"), (120, "2"), (122, "3")] {
        assert_eq!(
            at(&client, &server, seconds).await.unwrap(),
            sent,
            "{seconds}"
        );
    }
}

#[tokio::test]
async fn a_document_without_a_word_about_it_or_with_no_store_is_not_kept() {
    for headers in [
        &[][..],
        &["cache-control: no-store"],
        &["cache-control: no-cache"],
    ] {
        let server = counting(headers).await;
        let client = client_of(&server);
        for sent in ["1", "2"] {
            assert_eq!(at(&client, &server, 0).await.unwrap(), sent, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_longer_than_a_day() {
    let server = counting(&["cache-control: max-age=31536000, immutable"]).await;
    let client = client_of(&server);
    for (seconds, sent) in [(0, "1"), (86_399, "1"), (86_401, "2")] {
        assert_eq!(
            at(&client, &server, seconds).await.unwrap(),
            sent,
            "{seconds}"
        );
    }
}

#[tokio::test]
async fn a_stale_document_is_revalidated() {
    let tagged = &["cache-control: max-age=60", "etag: \"1\""];
    let server = Server::start(|head| {
        if head.to_ascii_lowercase().contains("if-none-match: \"1\"") {
            answer("304 Not Modified", tagged, "")
        } else {
            json(tagged, "{}")
        }
    })
    .await;
    let client = client_of(&server);
    for seconds in [0, 61, 100, 122] {
        assert_eq!(
            at(&client, &server, seconds).await.unwrap(),
            "{}",
            "{seconds}"
        );
    }
    assert_eq!(server.heads().len(), 3);
}

#[tokio::test]
async fn what_fails_is_not_kept_and_what_was_kept_is_not_shown_for_it() {
    let sent = AtomicUsize::new(0);
    let server = Server::start(move |_| match sent.fetch_add(1, Ordering::Relaxed) {
        0 | 2 => json(&["cache-control: max-age=60"], "{}"),
        _ => answer("500 Oops", &["cache-control: max-age=60"], ""),
    })
    .await;
    let client = client_of(&server);
    at(&client, &server, 0).await.unwrap();
    assert_eq!(at(&client, &server, 61).await, Err(FetchError::Status(500)));
    at(&client, &server, 61).await.unwrap();
}

#[tokio::test]
async fn those_who_want_a_document_at_once_share_one_request() {
    let server = counting(&["cache-control: max-age=60"]).await;
    let (client, server) = (Arc::new(client_of(&server)), Arc::new(server));
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (client, server) = (Arc::clone(&client), Arc::clone(&server));
        requests.spawn(async move { at(&client, &server, 0).await });
    }
    while let Some(body) = requests.join_next().await {
        assert_eq!(body.unwrap().unwrap(), "1");
    }
}

#[tokio::test]
async fn the_cache_is_bounded() {
    let server = Server::start(|head| {
        json(
            &["cache-control: max-age=60"],
            head.split(' ').nth(1).unwrap(),
        )
    })
    .await;
    let client = client_of(&server);
    let now = SystemTime::UNIX_EPOCH;
    for number in (0..9).chain([0]) {
        let path = format!("/{number}");
        let url = server.url(&path).parse().unwrap();
        assert_eq!(client.get(&url, now).await.unwrap(), path);
    }
    // Of nine documents eight are kept, so the first was sent again.
    assert_eq!(server.heads().len(), 10);
}
