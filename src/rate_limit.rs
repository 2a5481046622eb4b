//! How many requests are let through. Each route belongs to a class; each class has a rate for every client address, and
//! logins also one for every account that an address tries.

use std::net::IpAddr;

use axum::http::Method;
use chancery_aggregates::user::UserId;
pub use chancery_operations::host_of;
use chancery_operations::rate::{Limiter, Period};
pub use chancery_operations::rate::{Rate, TooSoon};

/// The rates of every class.
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    /// False lets everything through.
    pub enabled: bool,
    /// Password logins for one account from one address.
    pub login_account: Rate,
    /// Password logins from one address.
    pub login: Rate,
    /// Attempts to make the first user, from one address.
    pub first_user: Rate,
    /// Token endpoint and revocation, from one address.
    pub token: Rate,
    /// Registration of clients, from one address: what is registered stays.
    pub register: Rate,
    /// Introspection, from one address. A resource server asks about every request that it gets, and all from its one address, so
    /// this is far above what clients need. The caller shows a client's secret, which is too long to guess: the rate protects the
    /// server's time, no secret.
    pub introspect: Rate,
    /// Authorization endpoint, from one address.
    pub authorize: Rate,
    /// Everything else under `/api/v2`, from one address.
    pub api: Rate,
    /// Reads of the past (`as_of`), by one user: each replays what led there.
    pub past: Rate,
}

impl RateLimits {
    /// The defaults: strict where passwords are guessed, out of a real client's way elsewhere.
    pub const DEFAULT: Self = Self {
        enabled: true,
        login_account: Rate::new(5, Period::Minute, 10),
        login: Rate::new(60, Period::Minute, 60),
        first_user: Rate::new(10, Period::Minute, 10),
        token: Rate::new(20, Period::Second, 200),
        register: Rate::new(30, Period::Minute, 60),
        introspect: Rate::new(500, Period::Second, 5000),
        authorize: Rate::new(20, Period::Second, 200),
        api: Rate::new(100, Period::Second, 1000),
        past: Rate::new(5, Period::Second, 50),
    };
}

impl RateLimits {
    /// How often a password may be tried for one account from one address; None: nothing is limited.
    pub fn password_attempts(&self) -> Option<Rate> {
        self.enabled.then_some(self.login_account)
    }
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
    /// Registration of clients.
    Register,
    /// Introspection.
    Introspect,
    /// Authorization endpoint.
    Authorize,
    /// The rest of the API.
    Api,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Login,
        Self::FirstUser,
        Self::Token,
        Self::Register,
        Self::Introspect,
        Self::Authorize,
        Self::Api,
    ];

    /// The name, as in the setting of its rate.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::FirstUser => "first_user",
            Self::Token => "token",
            Self::Register => "register",
            Self::Introspect => "introspect",
            Self::Authorize => "authorize",
            Self::Api => "api",
        }
    }
}

/// The class of a route. None: not limited (discovery, health, static files, page views).
pub fn class_of(method: &Method, path: &str) -> Option<Class> {
    let post = method == Method::POST;
    match path {
        "/api/v2/users/login" | "/login" if post => return Some(Class::Login),
        "/api/v2/users/first" | "/setup" if post => return Some(Class::FirstUser),
        _ => {}
    }
    if path.starts_with("/scim/") {
        return Some(Class::Api);
    }
    let below = path.strip_prefix("/api/v2/");
    match below.or(path.strip_prefix('/'))?.strip_prefix("oauth2/") {
        Some("token" | "tokens" | "revoke") => Some(Class::Token),
        Some("register") => Some(Class::Register),
        Some("introspect") => Some(Class::Introspect),
        Some("authorize") => Some(Class::Authorize),
        Some(_) => Some(Class::Api),
        None => below.map(|_| Class::Api),
    }
}

/// Counts requests by class and key, in this process.
#[derive(Debug)]
pub struct Limiters {
    enabled: bool,
    login: Limiter<IpAddr>,
    first_user: Limiter<IpAddr>,
    token: Limiter<IpAddr>,
    register: Limiter<IpAddr>,
    introspect: Limiter<IpAddr>,
    authorize: Limiter<IpAddr>,
    api: Limiter<IpAddr>,
    past: Limiter<UserId>,
}

impl Limiters {
    /// Counters at zero.
    pub fn new(limits: &RateLimits) -> Self {
        Self {
            enabled: limits.enabled,
            login: Limiter::new(limits.login),
            first_user: Limiter::new(limits.first_user),
            token: Limiter::new(limits.token),
            register: Limiter::new(limits.register),
            introspect: Limiter::new(limits.introspect),
            authorize: Limiter::new(limits.authorize),
            api: Limiter::new(limits.api),
            past: Limiter::new(limits.past),
        }
    }

    /// Counts a request of `class` from `address`. Addresses of one IPv6 /64 count as one: they are one host's.
    pub fn check(&self, class: Class, address: IpAddr) -> Result<(), TooSoon> {
        if !self.enabled {
            return Ok(());
        }
        let limiter = match class {
            Class::Login => &self.login,
            Class::FirstUser => &self.first_user,
            Class::Token => &self.token,
            Class::Register => &self.register,
            Class::Introspect => &self.introspect,
            Class::Authorize => &self.authorize,
            Class::Api => &self.api,
        };
        limiter.check(&host_of(address))
    }

    /// Counts a read of the past by a user.
    pub fn check_past(&self, user_id: UserId) -> Result<(), TooSoon> {
        if self.enabled {
            self.past.check(&user_id)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
