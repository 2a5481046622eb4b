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
mod tests;
