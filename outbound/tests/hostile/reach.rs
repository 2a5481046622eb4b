//! Where requests go.

use chancery_outbound::{FetchError, Settings};

use crate::{Names, client, client_of, fetch, settings};
use chancery_outbound::testing::{Server, answer, json};

#[tokio::test]
async fn a_document_of_an_allowed_host_is_fetched() {
    let server = Server::start(|_| json(&[], r#"{"a":1}"#)).await;
    let body = fetch(&client_of(&server), &server.url("/a.json?b")).await;
    assert_eq!(body.unwrap(), r#"{"a":1}"#);
    let heads = server.heads();
    let head = heads[0].to_ascii_lowercase();
    assert!(head.starts_with("get /a.json?b http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\naccept: application/json\r\n"), "{head}");
    assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
    for header in ["cookie", "authorization", "referer"] {
        assert!(!head.contains(&format!("\r\n{header}:")), "{head}");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_a_host_that_is_not_public() {
    let server = Server::start(|_| json(&[], "{}")).await;
    let nothing_allowed = Settings {
        allowed_networks: Vec::new(),
        ..settings(&server)
    };
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1", "192.168.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
    ] {
        let client = client(nothing_allowed.clone(), Names::answering(&[addresses]));
        let refused = fetch(&client, &server.url("/")).await;
        assert_eq!(refused, Err(FetchError::Forbidden), "{addresses:?}");
    }
    for address in [
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
    ] {
        let client = client(nothing_allowed.clone(), Names::answering(&[&["127.0.0.1"]]));
        let url = format!("https://{address}:{}/", server.port);
        assert_eq!(
            fetch(&client, &url).await,
            Err(FetchError::Forbidden),
            "{url}"
        );
    }
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn of_several_addresses_only_those_that_pass_are_connected_to() {
    let server = Server::start(|_| json(&[], "{}")).await;
    let names = Names::answering(&[&["10.255.255.1", "::1", "127.0.0.1"]]);
    let client = client(settings(&server), names);
    fetch(&client, &server.url("/")).await.unwrap();
}

#[tokio::test]
async fn a_name_that_is_bound_anew_is_looked_at_anew() {
    let server = Server::start(|_| json(&[], "{}")).await;
    let names = Names::answering(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let client = client(settings(&server), names.clone());
    fetch(&client, &server.url("/")).await.unwrap();
    // The address that was looked at is the one that was connected to: there was no second look.
    assert_eq!(names.asked(), 1);
    let refused = fetch(&client, &server.url("/")).await;
    assert_eq!(refused, Err(FetchError::Forbidden));
    assert_eq!((names.asked(), server.heads().len()), (2, 1));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let server = Server::start(move |_| answer(status, &["location: /elsewhere"], "")).await;
        let refused = fetch(&client_of(&server), &server.url("/")).await;
        assert_eq!(refused, Err(FetchError::Redirected), "{status}");
        assert_eq!(server.heads().len(), 1);
    }
}

#[tokio::test]
async fn only_https_without_credentials_is_fetched() {
    let server = Server::start(|_| json(&[], "{}")).await;
    let client = client_of(&server);
    for (url, refused) in [
        (
            format!("http://client.example:{}/", server.port),
            FetchError::NotHttps,
        ),
        ("file:///etc/passwd".to_owned(), FetchError::NotHttps),
        ("gopher://client.example/".to_owned(), FetchError::NotHttps),
        (
            format!("https://u:p@client.example:{}/", server.port),
            FetchError::Credentials,
        ),
    ] {
        assert_eq!(fetch(&client, &url).await, Err(refused), "{url}");
    }
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_is_not_asked() {
    let server = Server::start(|_| json(&[], "{}")).await;
    let of_the_web = Settings {
        authorities: None,
        ..settings(&server)
    };
    let stranger = client(of_the_web, Names::answering(&[&["127.0.0.1"]]));
    let refused = fetch(&stranger, &server.url("/")).await.unwrap_err();
    assert!(matches!(refused, FetchError::Unreachable(_)), "{refused:?}");
    let other_name = format!("https://other.example:{}/", server.port);
    let refused = fetch(&client_of(&server), &other_name).await.unwrap_err();
    assert!(matches!(refused, FetchError::Unreachable(_)), "{refused:?}");
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_cannot_be_reached() {
    let server = Server::start(|_| json(&[], "{}")).await;
    let client = client(settings(&server), Names::answering(&[]));
    let refused = fetch(&client, &server.url("/")).await.unwrap_err();
    assert!(matches!(refused, FetchError::Unreachable(_)), "{refused:?}");
}
