use chancery::http::oauth2::authorize::request::{AuthorizationRequest, AuthorizationRequestError};
use chancery::http::oauth2::client::RegisteredClient;
use chancery::http::oauth2::parameters::{Parameter, Parameters};
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_fuzz::fuzz;

const CALLBACK: &str = "https://app.example.com/callback";
const LOOPBACK: &str = "http://127.0.0.1/cb";
const WORDS: [&str; 11] = [
    "response_type=code",
    "response_type=token",
    "&state=",
    "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback",
    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9999%2Fcb",
    "%2F..%2F",
    "%40evil.example",
    "&code_challenge_method=S256",
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "&resource=https%3A%2F%2Ftools.example.com",
    "&scope=read+write",
];

/// One of the registered ones; of the loopback one, at any port.
fn is_ours(target: &str) -> bool {
    let port = |rest: &str| rest.parse::<u16>().is_ok() || rest.is_empty();
    let loopback = || target.strip_prefix("http://127.0.0.1")?.strip_suffix("/cb");
    target == CALLBACK || loopback().is_some_and(|rest| port(rest.trim_start_matches(':')))
}

#[test]
fn an_answer_goes_nowhere_but_to_what_is_registered() {
    let uris = [RedirectUri::parse(LOOPBACK).unwrap()];
    let corpus = include_str!("../../corpus/authorize.txt");
    fuzz(corpus, &WORDS, |input| {
        let Ok(query) = Parameters::parse(input.as_bytes()) else {
            return;
        };
        for requires_pkce in [false, true] {
            let client = RegisteredClient {
                callback_url: CALLBACK,
                redirect_uris: &uris,
                requires_pkce,
            };
            match AuthorizationRequest::parse(&query, client) {
                Ok(request) => {
                    assert!(is_ours(&request.redirect_target));
                    assert_eq!(query.get(Parameter::State), Some(&*request.state));
                    assert_eq!(query.get(Parameter::ResponseType), Some("code"));
                    assert!(!requires_pkce || request.code_challenge.is_some());
                }
                Err(AuthorizationRequestError::UnsupportedResponseType {
                    redirect_target, ..
                }) => assert!(is_ours(&redirect_target)),
                Err(AuthorizationRequestError::Invalid(details)) => assert!(!details.is_empty()),
                Err(AuthorizationRequestError::UnsupportedChallengeMethod) => {
                    let method = query.get(Parameter::CodeChallengeMethod);
                    assert!(method.is_some_and(|method| method != "S256"));
                }
            }
        }
    });
}
