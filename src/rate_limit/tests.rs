use super::*;

#[test]
fn addresses_of_one_ipv6_network_share_an_allowance() {
    let mut limits = RateLimits::DEFAULT;
    limits.login = "1/h:1".parse().unwrap();
    let limiters = Limiters::new(&limits);
    let check = |address: &str| limiters.check(Class::Login, address.parse().unwrap());
    check("2001:db8::1").unwrap();
    check("2001:db8::2").unwrap_err();
    check("2001:db8:0:1::1").unwrap();
    check("192.0.2.1").unwrap();
    check("::ffff:192.0.2.1").unwrap_err();
}

#[test]
fn nothing_is_refused_when_disabled() {
    let mut limits = RateLimits::DEFAULT;
    limits.enabled = false;
    limits.login = "1/h:1".parse().unwrap();
    let limiters = Limiters::new(&limits);
    for _ in 0..5 {
        limiters
            .check(Class::Login, IpAddr::from([127, 0, 0, 1]))
            .unwrap();
    }
}

#[test]
fn an_oauth2_endpoint_has_one_class_at_both_of_its_paths() {
    for (path, class) in [
        ("oauth2/token", Class::Token),
        ("oauth2/tokens", Class::Token),
        ("oauth2/revoke", Class::Token),
        ("oauth2/register", Class::Register),
        ("oauth2/introspect", Class::Introspect),
        ("oauth2/authorize", Class::Authorize),
        ("oauth2/other", Class::Api),
    ] {
        for base in ["/", "/api/v2/"] {
            let path = format!("{base}{path}");
            assert_eq!(class_of(&Method::POST, &path), Some(class), "{path}");
        }
    }
    let apps = class_of(&Method::POST, "/api/v2/oauth2-provider/apps");
    assert_eq!(apps, Some(Class::Api));
    assert_eq!(class_of(&Method::GET, "/oauth2"), None);
}

#[test]
fn a_resource_server_that_introspects_does_not_use_up_its_clients_allowance() {
    let mut limits = RateLimits::DEFAULT;
    limits.token = "1/h:1".parse().unwrap();
    limits.introspect = "1/h:3".parse().unwrap();
    let limiters = Limiters::new(&limits);
    let check = |path| {
        let class = class_of(&Method::POST, path).unwrap();
        limiters.check(class, IpAddr::from([192, 0, 2, 1]))
    };
    check("/oauth2/introspect").unwrap();
    check("/api/v2/oauth2/introspect").unwrap();
    check("/oauth2/introspect").unwrap();
    check("/api/v2/oauth2/introspect").unwrap_err();
    check("/api/v2/oauth2/tokens").unwrap();
    check("/oauth2/token").unwrap_err();
}

#[test]
fn only_posts_count_as_logins() {
    assert_eq!(class_of(&Method::POST, "/login"), Some(Class::Login));
    assert_eq!(class_of(&Method::GET, "/login"), None);
    assert_eq!(
        class_of(&Method::GET, "/api/v2/users/first"),
        Some(Class::Api)
    );
    assert_eq!(
        class_of(&Method::GET, "/.well-known/oauth-authorization-server"),
        None
    );
}
