//! How many requests are let through. Each route belongs to a class; each class has a rate for every client address, and
//! logins also one for every account.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Method;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// A rate: so many requests in a period, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    period: Period,
    burst: NonZeroU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Second,
    Minute,
    Hour,
}

impl Period {
    fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        })
    }
}

impl Rate {
    const fn new(count: u32, period: Period, burst: u32) -> Self {
        let (Some(count), Some(burst)) = (NonZeroU32::new(count), NonZeroU32::new(burst)) else {
            panic!("a rate of nothing")
        };
        Self {
            count,
            period,
            burst,
        }
    }

    fn quota(self) -> Quota {
        let interval = self.period.duration() / self.count.get();
        Quota::with_period(interval)
            .unwrap_or_else(|| Quota::per_second(self.count))
            .allow_burst(self.burst)
    }
}

/// Why a text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected <count>/<s|m|h>[:<burst>], such as 60/m or 5/m:10, with numbers from 1")]
pub struct RateSyntax;

impl FromStr for Rate {
    type Err = RateSyntax;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (count, rest) = text.split_once('/').ok_or(RateSyntax)?;
        let (period, burst) = match rest.split_once(':') {
            Some((period, burst)) => (period, burst),
            None => (rest, count),
        };
        Ok(Self {
            count: count.parse().map_err(|_| RateSyntax)?,
            period: match period {
                "s" => Period::Second,
                "m" => Period::Minute,
                "h" => Period::Hour,
                _ => return Err(RateSyntax),
            },
            burst: burst.parse().map_err(|_| RateSyntax)?,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = match self.period {
            Period::Second => 's',
            Period::Minute => 'm',
            Period::Hour => 'h',
        };
        write!(formatter, "{}/{period}:{}", self.count, self.burst)
    }
}

/// The rates of every class.
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    /// False lets everything through.
    pub enabled: bool,
    /// Password logins for one account, whatever the address.
    pub login_account: Rate,
    /// Password logins from one address.
    pub login: Rate,
    /// Attempts to make the first user, from one address.
    pub first_user: Rate,
    /// Token endpoint and revocation, from one address.
    pub token: Rate,
    /// Introspection, from one address. A resource server asks about every request that it gets, and all from its one address, so
    /// this is far above what clients need. The caller shows a client's secret, which is too long to guess: the rate protects the
    /// server's time, no secret.
    pub introspect: Rate,
    /// Authorization endpoint, from one address.
    pub authorize: Rate,
    /// Everything else under `/api/v2`, from one address.
    pub api: Rate,
}

impl RateLimits {
    /// The defaults: strict where passwords are guessed, out of a real client's way elsewhere.
    pub const DEFAULT: Self = Self {
        enabled: true,
        login_account: Rate::new(5, Period::Minute, 10),
        login: Rate::new(60, Period::Minute, 60),
        first_user: Rate::new(10, Period::Minute, 10),
        token: Rate::new(20, Period::Second, 200),
        introspect: Rate::new(500, Period::Second, 5000),
        authorize: Rate::new(20, Period::Second, 200),
        api: Rate::new(100, Period::Second, 1000),
    };
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A class of routes with a rate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Password logins.
    Login,
    /// Making the first user.
    FirstUser,
    /// Token endpoint and revocation.
    Token,
    /// Introspection.
    Introspect,
    /// Authorization endpoint.
    Authorize,
    /// The rest of the API.
    Api,
}

/// The class of a route. None: not limited (discovery, health, static files, page views).
pub fn class_of(method: &Method, path: &str) -> Option<Class> {
    let post = method == Method::POST;
    match path {
        "/api/v2/users/login" | "/login" if post => return Some(Class::Login),
        "/api/v2/users/first" | "/setup" if post => return Some(Class::FirstUser),
        _ => {}
    }
    let below = path.strip_prefix("/api/v2/");
    match below.or(path.strip_prefix('/'))?.strip_prefix("oauth2/") {
        Some("token" | "tokens" | "revoke" | "register") => Some(Class::Token),
        Some("introspect") => Some(Class::Introspect),
        Some("authorize") => Some(Class::Authorize),
        Some(_) => Some(Class::Api),
        None => below.map(|_| Class::Api),
    }
}

/// Refused for now: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests, try again in {} s", .0.as_secs())]
pub struct Refused(pub Duration);

/// Counts requests by class and key, in this process.
#[derive(Debug)]
pub struct Limiters {
    enabled: bool,
    login_account: Limiter<String>,
    login: Limiter<IpAddr>,
    first_user: Limiter<IpAddr>,
    token: Limiter<IpAddr>,
    introspect: Limiter<IpAddr>,
    authorize: Limiter<IpAddr>,
    api: Limiter<IpAddr>,
}

impl Limiters {
    /// Counters at zero.
    pub fn new(limits: &RateLimits) -> Self {
        Self {
            enabled: limits.enabled,
            login_account: Limiter::new(limits.login_account),
            login: Limiter::new(limits.login),
            first_user: Limiter::new(limits.first_user),
            token: Limiter::new(limits.token),
            introspect: Limiter::new(limits.introspect),
            authorize: Limiter::new(limits.authorize),
            api: Limiter::new(limits.api),
        }
    }

    /// Counts a request of `class` from `address`. Addresses of one IPv6 /64 count as one: they are one host's.
    pub fn check(&self, class: Class, address: IpAddr) -> Result<(), Refused> {
        if !self.enabled {
            return Ok(());
        }
        let limiter = match class {
            Class::Login => &self.login,
            Class::FirstUser => &self.first_user,
            Class::Token => &self.token,
            Class::Introspect => &self.introspect,
            Class::Authorize => &self.authorize,
            Class::Api => &self.api,
        };
        limiter.check(&host_of(address))
    }

    /// Counts a login for an account, named by its lower-case e-mail address.
    pub fn check_login_account(&self, email: &str) -> Result<(), Refused> {
        if !self.enabled {
            return Ok(());
        }
        self.login_account.check(&email.to_lowercase())
    }

    /// Forgets keys that have been quiet long enough to have a full allowance again. To be called now and then.
    pub fn forget_quiet_keys(&self) {
        self.login_account.0.retain_recent();
        for limiter in [
            &self.login,
            &self.first_user,
            &self.token,
            &self.introspect,
            &self.authorize,
            &self.api,
        ] {
            limiter.0.retain_recent();
        }
    }
}

#[derive(Debug)]
struct Limiter<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(rate: Rate) -> Self {
        Self(RateLimiter::keyed(rate.quota()))
    }

    fn check(&self, key: &K) -> Result<(), Refused> {
        self.0.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Refused(wait.max(Duration::from_secs(1)))
        })
    }
}

fn host_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_back_as_it_is_printed() {
        for text in ["60/m:60", "5/m:10", "20/s:200", "3/h:1"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("60/m".parse::<Rate>().unwrap().to_string(), "60/m:60");
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "60", "0/m", "60/d", "60/m:0", "60/m:", "-1/m"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_burst_passes_and_the_next_request_must_wait() {
        let mut limits = RateLimits::DEFAULT;
        limits.login_account = "1/h:3".parse().unwrap();
        let limiters = Limiters::new(&limits);
        for _ in 0..3 {
            limiters.check_login_account("A@example.com").unwrap();
        }
        let refused = limiters.check_login_account("a@example.com").unwrap_err();
        assert!(refused.0 > Duration::from_mins(50));
        limiters.check_login_account("b@example.com").unwrap();
    }

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
}
