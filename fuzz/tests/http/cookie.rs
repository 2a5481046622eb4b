use axum::http::{HeaderMap, HeaderValue, Uri, header};
use chancery::http::base::cookie::{self, SESSION};
use chancery::http::base::token_source::{TokenSource, find_token};
use chancery_fuzz::fuzz;
use chancery_operations::secret::ExposeSecret as _;

const WORDS: [&str; 7] = [
    "coder_session_token=",
    "coder_session_token",
    "csrf_token=",
    "; ",
    ";",
    "=",
    "Path=/; HttpOnly",
];

/// The first pair of this name that has a value.
fn read_otherwise(value: &str) -> Option<&str> {
    let pairs = value.split(';').filter_map(|pair| pair.split_once('='));
    let mut of_name = pairs.filter(|(name, _)| name.trim() == SESSION);
    of_name.find_map(|(_, value)| Some(value.trim()).filter(|value| !value.is_empty()))
}

#[test]
fn the_session_is_the_first_cookie_of_its_name_that_has_a_value() {
    fuzz(include_str!("../../corpus/cookie.txt"), &WORDS, |input| {
        let Ok(value) = HeaderValue::from_bytes(input.as_bytes()) else {
            return;
        };
        let is_text = value.to_str().is_ok();
        let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
        let found = cookie::get(&headers, SESSION);
        let expected = read_otherwise(input).filter(|_| is_text);
        assert_eq!(found.as_deref(), expected);
        match find_token(&headers, &Uri::from_static("/")) {
            Some((token, source)) => {
                assert_eq!(Some(token.expose_secret()), found.as_deref());
                assert_eq!(source, TokenSource::Cookie);
            }
            None => assert_eq!(found, None),
        }
    });
}
