use chancery_aggregates::oauth2::redirect_uri::{RedirectUri, matches, may_redirect_to};
use chancery_fuzz::fuzz;
use url::Url;

const WORDS: [&str; 16] = [
    "http://",
    "https://",
    "HTTP:",
    "javascript:",
    "data:",
    "com.example.app:/",
    "localhost",
    "127.0.0.1",
    "[::1]",
    ":80",
    ":65535",
    ":65536",
    "user@",
    "@evil.example",
    "\\\\",
    "/../",
];

#[test]
fn a_registered_redirect_uri_is_absolute_and_goes_where_it_says() {
    fuzz(
        include_str!("../../corpus/redirect_uri.txt"),
        &WORDS,
        |input| {
            let parsed = RedirectUri::parse(input);
            assert_eq!(may_redirect_to(input), parsed.is_ok());
            let Ok(uri) = parsed else {
                return;
            };
            assert_eq!(uri.as_str(), input);
            assert!(input.len() <= 2048);
            assert!(
                !input.contains(|c: char| c == '#'
                    || c == '\\'
                    || c.is_whitespace()
                    || c.is_control())
            );
            let url = Url::parse(input).unwrap();
            assert_eq!(url.fragment(), None);
            let scheme = url.scheme();
            assert!(
                input
                    .to_ascii_lowercase()
                    .starts_with(&format!("{scheme}:/"))
            );
            assert!(!matches!(
                scheme,
                "javascript" | "data" | "vbscript" | "file" | "blob" | "about"
            ));
            assert_eq!(uri.is_http(), scheme == "http" || scheme == "https");
            assert_eq!(RedirectUri::http_url(input).is_ok(), uri.is_http());
            if uri.is_http() {
                assert!(url.has_host());
            }
        },
    );
}

/// The corpus holds a registered and a requested URI, with a space between them.
#[test]
fn a_requested_redirect_uri_differs_from_the_registered_one_in_the_port_of_a_loopback_address_at_most()
 {
    fuzz(
        include_str!("../../corpus/redirect_uri_pair.txt"),
        &WORDS,
        |input| {
            let (registered, requested) = input.split_once(' ').unwrap_or((input, input));
            assert!(matches(registered, registered));
            assert_eq!(
                matches(registered, requested),
                matches(requested, registered)
            );
            if RedirectUri::parse(registered).is_err() || !matches(registered, requested) {
                return;
            }
            let mut one = Url::parse(registered).unwrap();
            let mut other = Url::parse(requested).unwrap();
            if registered != requested {
                assert_eq!(one.scheme(), "http");
                assert!(["127.0.0.1", "[::1]", "localhost"].contains(&one.host_str().unwrap()));
                assert!(RedirectUri::parse(requested).is_ok());
                one.set_port(None).unwrap();
                other.set_port(None).unwrap();
            }
            assert_eq!(one, other);
        },
    );
}
