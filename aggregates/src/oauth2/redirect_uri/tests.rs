use super::*;

#[test]
fn app_validation_cases_of_the_seed_are_refused() {
    for (case, value, tag) in [
        ("URLMissing", "", REQUIRED),
        ("URLLocalhostNoScheme", "localhost:3000", "http_url"),
        ("URLNoScheme", "coder.com", "http_url"),
        ("URLNoColon", "http//coder", "http_url"),
        ("URLJustBar", "bar", "http_url"),
        ("URLPathOnly", "/bar/baz/qux", "http_url"),
        ("URLJustHttp", "http", "http_url"),
        ("URLNoHost", "http://", "http_url"),
        ("URLSpaces", "bar baz qux", "http_url"),
    ] {
        let refused = RedirectUri::http_url(value).unwrap_err();
        assert_eq!(
            refused,
            InvalidValue {
                tag,
                value: value.to_owned()
            },
            "{case}"
        );
    }
}

#[test]
fn absolute_http_urls_with_a_host_are_callback_urls() {
    for value in [
        "http://localhost:3000",
        "https://coder.com/cb?x=1",
        "HTTPS://Coder.com",
        "http://[::1]:9/cb",
    ] {
        assert_eq!(RedirectUri::http_url(value).unwrap().as_str(), value);
    }
}

#[test]
fn urls_that_parsers_would_repair_are_refused() {
    for value in [
        "http:/host",
        "http:host",
        "http:///host",
        "http:\\\\host",
        "http://ho\tst",
        "http://h/\0",
        " http://h",
    ] {
        assert!(RedirectUri::parse(value).is_err(), "{value:?}");
    }
}

#[test]
fn private_use_schemes_are_redirect_uris_but_not_callback_urls() {
    for value in [
        "com.example.app:/cb",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ] {
        assert_eq!(RedirectUri::parse(value).unwrap().as_str(), value);
        assert_eq!(RedirectUri::http_url(value).unwrap_err().tag, "http_url");
    }
}

#[test]
fn dangerous_schemes_are_refused_in_any_case() {
    for value in [
        "javascript:alert(1)",
        "JavaScript://x/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://h/x",
        "vbscript:x",
        "blob:https://h/x",
    ] {
        assert_eq!(
            RedirectUri::parse(value),
            Err(InvalidRedirectUri::BlockedScheme),
            "{value}"
        );
        assert!(!may_redirect_to(value));
    }
}

#[test]
fn fragments_and_long_uris_are_refused() {
    for value in ["https://h/cb#", "https://h/cb#x", "https://h#x"] {
        assert_eq!(RedirectUri::parse(value), Err(InvalidRedirectUri::Fragment));
    }
    let long = format!("https://h/{}", "x".repeat(MAX_LENGTH));
    assert_eq!(RedirectUri::parse(&long), Err(InvalidRedirectUri::TooLong));
    assert_eq!(
        RedirectUri::parse("https:///cb"),
        Err(InvalidRedirectUri::NoHost)
    );
}

#[test]
fn only_the_registered_string_matches() {
    let registered = "https://app.example.com:8443/cb";
    assert!(matches(registered, registered));
    for requested in [
        "http://app.example.com:8443/cb",
        "https://app.example.com/cb",
        "https://app.example.com:8444/cb",
        "https://app.example.com:8443/cb/nested",
        "https://app.example.com:8443/cb/",
        "https://app.example.com:8443/",
        "https://app.example.com:8443/cb?x=1",
        "https://APP.example.com:8443/cb",
        "https://sub.app.example.com:8443/cb",
        "https://app.example.com:8443.evil.example/cb",
        "https://app.example.com:8443@evil.example/cb",
    ] {
        assert!(!matches(registered, requested), "{requested}");
    }
}

#[test]
fn the_port_of_a_loopback_address_may_be_any() {
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        let registered = format!("http://{host}/callback");
        assert!(matches(
            &registered,
            &format!("http://{host}:52311/callback")
        ));
        assert!(matches(
            &format!("http://{host}:9876/callback"),
            &registered
        ));
    }
}

#[test]
fn loopback_tolerance_ends_at_the_port() {
    let registered = "http://localhost:9876/callback";
    for requested in [
        "http://127.0.0.1:9876/callback",
        "https://localhost:9876/callback",
        "http://localhost:1/callback/nested",
        "http://localhost:1/callback?x",
        "http://localhost:1/callback#x",
        "http://localhost.evil.example/callback",
        "http://localhost:1@evil.example/callback",
        "http://localhost:x/callback",
        "http://localhost:65536/callback",
        "http://localhost:/callback",
        "http://localhost:1",
    ] {
        assert!(!matches(registered, requested), "{requested}");
    }
    assert!(!matches("https://localhost:1/cb", "https://localhost:2/cb"));
}
