use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CLIENT: RegisteredClient<'_> = RegisteredClient {
    callback_url: "http://localhost:9876/callback",
    redirect_uris: &[],
    requires_pkce: false,
};

fn parse(query: &str) -> Result<AuthorizationRequest, AuthorizationRequestError> {
    AuthorizationRequest::parse(&Parameters::parse(query.as_bytes()).unwrap(), CLIENT)
}

fn details(query: &str) -> String {
    match parse(query).unwrap_err() {
        AuthorizationRequestError::Invalid(details) => details.join("; "),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_smallest_request_goes_to_the_callback() {
    let request = parse("response_type=code&state=s").unwrap();
    assert_eq!(request.redirect_uri, None);
    assert_eq!(request.redirect_target, CLIENT.callback_url);
    assert_eq!(
        (
            request.scope.as_str(),
            request.resource,
            request.code_challenge
        ),
        ("", None, None)
    );
}

#[test]
fn every_parameter_is_taken_over() {
    let query = format!(
        "response_type=code&state=s&scope=read+write&resource=https%3A%2F%2Fmcp.example%2F\
         &code_challenge={CHALLENGE}&redirect_uri=http%3A%2F%2Flocalhost%3A5555%2Fcallback"
    );
    let request = parse(&query).unwrap();
    assert_eq!(request.redirect_target, "http://localhost:5555/callback");
    assert_eq!(request.scope.as_str(), "read write");
    assert_eq!(
        request.resource.as_ref().map(Resource::as_str),
        Some("https://mcp.example/")
    );
    assert_eq!(
        request.code_challenge.as_ref().map(CodeChallenge::as_str),
        Some(CHALLENGE)
    );
}

#[test]
fn missing_parameters_are_all_named() {
    assert_eq!(
        details(""),
        "Query param \"state\" is required and cannot be empty; \
         Query param \"response_type\" is required and cannot be empty"
    );
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_refused() {
    for uri in [
        "http://localhost:9876/callback/more",
        "http://evil.example/callback",
        "http://localhost:9876/",
    ] {
        assert!(
            details(&format!("response_type=code&state=s&redirect_uri={uri}"))
                .contains("must exactly match")
        );
    }
    assert!(
        details("response_type=code&state=s&redirect_uri=callback").contains("must be a valid url")
    );
}

#[test]
fn response_type_token_is_told_by_redirect_unless_the_redirect_uri_is_bad() {
    assert_eq!(
        parse("response_type=token&state=s").unwrap_err(),
        AuthorizationRequestError::UnsupportedResponseType {
            redirect_target: CLIENT.callback_url.to_owned(),
            state: Some("s".to_owned()),
        }
    );
    let bad = details("response_type=token&state=s&redirect_uri=http://evil.example/");
    assert!(bad.contains("must exactly match") && bad.contains("response_type"));
}

#[test]
fn only_s256_is_a_challenge_method() {
    for method in ["plain", "s256", "S512"] {
        let query = format!(
            "response_type=code&state=s&code_challenge={CHALLENGE}&code_challenge_method={method}"
        );
        assert_eq!(
            parse(&query).unwrap_err(),
            AuthorizationRequestError::UnsupportedChallengeMethod
        );
    }
    let query =
        format!("response_type=code&state=s&code_challenge={CHALLENGE}&code_challenge_method=S256");
    assert_eq!(
        parse(&query)
            .unwrap()
            .code_challenge
            .as_ref()
            .map(CodeChallenge::as_str),
        Some(CHALLENGE)
    );
}

#[test]
fn a_method_without_a_challenge_or_a_misshapen_challenge_is_refused() {
    assert!(
        details("response_type=code&state=s&code_challenge_method=S256")
            .contains("\"code_challenge\" is required")
    );
    assert!(
        details("response_type=code&state=s&code_challenge=short")
            .contains("\"code_challenge\" has invalid")
    );
}

#[test]
fn a_challenge_is_required_where_the_client_says_so() {
    let query = Parameters::parse(b"response_type=code&state=s").unwrap();
    let client = RegisteredClient {
        requires_pkce: true,
        ..CLIENT
    };
    assert_eq!(
        AuthorizationRequest::parse(&query, client).unwrap_err(),
        AuthorizationRequestError::Invalid(vec![required(Parameter::CodeChallenge)])
    );
}

#[test]
fn a_resource_is_an_absolute_uri_without_fragment() {
    for resource in [
        "mcp.example",
        "/mcp",
        "https://mcp.example/%23a#b",
        "https://mcp.example/%23",
        "//mcp",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
        let query = format!("response_type=code&state=s&resource={encoded}");
        assert_eq!(
            parse(&query).is_ok(),
            resource.ends_with("%23"),
            "{resource}"
        );
    }
    assert!(parse("response_type=code&state=s&resource=urn%3Aexample%3Amcp").is_ok());
}

#[test]
fn a_scope_has_no_quotes_backslashes_or_control_characters() {
    for scope in ["a%22b", "a%5Cb", "a%01", "%C3%A9"] {
        assert!(
            details(&format!("response_type=code&state=s&scope={scope}")).contains("\"scope\""),
            "{scope}"
        );
    }
}
