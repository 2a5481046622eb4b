use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chancery::http::oauth2::client_authentication::{PresentedClient, PresentedClientError};
use chancery::http::oauth2::parameters::Parameters;
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_fuzz::fuzz;
use chancery_operations::oauth2_app::ShownSecret;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

const WORDS: [&str; 8] = [
    "Basic ",
    "bAsIc ",
    "Bearer ",
    ":",
    "%3A",
    "%2d",
    "5eed0000-0000-4000-8000-000000000000",
    "coder_0123456789_aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd",
];

fn read(authorization: &[u8]) -> Option<Result<PresentedClient, PresentedClientError>> {
    let value = HeaderValue::from_bytes(authorization).ok()?;
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
    let none = Parameters::default();
    Some(PresentedClient::read(&none, &none, &headers))
}

/// The text as it is, and as a form has it.
fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_owned()];
    readings.extend(percent_decode_str(text).decode_utf8().map(Into::into));
    readings
}

#[test]
fn credentials_name_the_client_before_their_first_colon_and_its_secret_after_it() {
    fuzz(include_str!("../../corpus/basic.txt"), &WORDS, |input| {
        let header = format!("Basic {}", STANDARD.encode(input));
        let Ok(client) = read(header.as_bytes()).unwrap() else {
            let id = input.split_once(':').map(|(id, _)| id);
            assert!(id.is_none_or(|id| Uuid::try_parse(id).is_err()));
            return;
        };
        let (id, secret) = input.split_once(':').unwrap();
        let ids = readings(id);
        assert!(
            ids.iter()
                .any(|id| Uuid::try_parse(id) == Ok(client.client_id.uuid()))
        );
        match client.secret {
            ShownSecret::Absent => assert_eq!(secret, ""),
            ShownSecret::Given(given) => {
                let mut parsed = readings(secret)
                    .into_iter()
                    .filter_map(|reading| PrefixedSecret::parse(&reading).ok());
                assert!(parsed.any(|parsed| parsed == given));
            }
            ShownSecret::Malformed => {
                for reading in readings(secret) {
                    assert!(PrefixedSecret::parse(&reading).is_err());
                }
            }
        }
    });
}

#[test]
fn a_header_is_credentials_only_where_it_is_basic_and_base64() {
    let corpus = include_str!("../../corpus/authorization.txt");
    fuzz(corpus, &WORDS, |input| match read(input.as_bytes()) {
        Some(Ok(_)) => {
            let (scheme, payload) = input.split_once(' ').unwrap();
            assert!(scheme.eq_ignore_ascii_case("basic"));
            assert!(STANDARD.decode(payload.trim()).is_ok());
        }
        Some(Err(error)) => assert_ne!(error, PresentedClientError::Conflict),
        None => assert!(input.contains(char::is_control)),
    });
}
