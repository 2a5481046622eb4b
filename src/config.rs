//! What the server is told at its start.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chancery_ledger::LedgerConfig;
use chancery_operations::idp_sync::InitialSync;
use chancery_operations::license::LicenseKey;
use chancery_operations::user::NewFirstUser;
pub use chancery_operations::{Lifetimes, OutboundSettings, QuietHours};
use ipnet::IpNet;
use url::{Host, Url};

use crate::app::connections::ConnectionLimits;
use crate::clock::Clock;
use crate::rate_limit::RateLimits;
use crate::secret::Secret;

/// Everything that can be set. `chancery serve` makes one from flags and the environment; tests make their own.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server listens. Port 0 takes any free one.
    pub http_address: SocketAddr,
    /// The URL by which clients reach the server; None derives it from the address.
    pub access_url: Option<AccessUrl>,
    /// Which PostgreSQL is used.
    pub database: Database,
    /// How many streams, and unique keys, of the record are kept in memory as they are now; 0: none is, and each look is a query.
    pub remembered_streams: usize,
    /// How long sessions and tokens live.
    pub lifetimes: Lifetimes,
    /// When users are not to be disturbed.
    pub quiet_hours: QuietHours,
    /// By which licences are signed.
    pub license_keys: Vec<LicenseKey>,
    /// By which claims people are synchronised until somebody decides.
    pub idp_sync: InitialSync,
    /// What whoever provisions users by SCIM has to show; None: nobody does.
    pub scim_key: Option<Secret>,
    /// Whether cookies carry `Secure`; None means: when the access URL is https.
    pub secure_cookies: Option<bool>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Request rates that are let through.
    pub rate_limits: RateLimits,
    /// How what strangers name is fetched.
    pub outbound: OutboundSettings,
    /// The first user, to be made at the start if there is none.
    pub first_user: Option<NewFirstUser>,
    /// Where metrics are served; None: at the usual port of this machine, if that is free.
    pub metrics_address: Option<SocketAddr>,
    /// How many connections may be open, and how long clients may take.
    pub connections: ConnectionSettings,
    /// The longest time a request may take.
    pub request_timeout: Duration,
    /// How long open requests may go on after a signal to stop.
    pub shutdown_grace: Duration,
    /// How often the record of events is signed.
    pub checkpoints: CheckpointSettings,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Config {
    /// A configuration with every default, on `database`.
    pub fn new(http_address: SocketAddr, database: Database) -> Self {
        Self {
            http_address,
            access_url: None,
            database,
            remembered_streams: LedgerConfig::default().memory_capacity,
            lifetimes: Lifetimes::default(),
            quiet_hours: QuietHours::default(),
            license_keys: Vec::new(),
            idp_sync: InitialSync::default(),
            scim_key: None,
            secure_cookies: None,
            trusted_proxies: Vec::new(),
            rate_limits: RateLimits::default(),
            outbound: OutboundSettings::default(),
            first_user: None,
            metrics_address: None,
            connections: ConnectionSettings::default(),
            request_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(20),
            checkpoints: CheckpointSettings::default(),
            clock: Clock::system(),
        }
    }
}

/// How many connections may be open, and how long clients may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionSettings {
    /// How many.
    pub limits: ConnectionLimits,
    /// Longest time that a connection waits for the whole head of its next request.
    pub head_timeout: Duration,
    /// Longest time that a client takes to read an answer.
    pub send_timeout: Duration,
}

impl ConnectionSettings {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        limits: ConnectionLimits {
            total: 10_000,
            per_address: 1_000,
        },
        head_timeout: Duration::from_secs(30),
        send_timeout: Duration::from_mins(1),
    };
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How often the record of events is signed, and with what.
#[derive(Clone, Debug)]
pub struct CheckpointSettings {
    /// File of the signing key, made when it is absent; None: in the data directory. With an existing PostgreSQL and no
    /// file nothing is signed.
    pub signing_key_file: Option<PathBuf>,
    /// Whether nothing is to be signed.
    pub is_unsigned: bool,
    /// Whether anybody may read the checkpoint and the tree's hashes.
    pub is_public: bool,
    /// After so many events.
    pub events: i64,
    /// After so long, when there was any event.
    pub interval: Duration,
}

impl Default for CheckpointSettings {
    fn default() -> Self {
        Self {
            signing_key_file: None,
            is_unsigned: false,
            is_public: false,
            events: 10_000,
            interval: Duration::from_mins(10),
        }
    }
}

/// Which PostgreSQL the server uses.
#[derive(Clone, Debug)]
pub enum Database {
    /// One that the server runs itself.
    Embedded {
        /// The cluster's directory.
        data_dir: PathBuf,
        /// Where the server binaries are; None searches PATH and the usual package locations.
        bin_dir: Option<PathBuf>,
    },
    /// An existing one, by its connection URL (which may hold a password).
    Url(Secret),
}

/// The URL by which clients reach the server: scheme, host and perhaps a path, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessUrl {
    text: String,
    url: Url,
}

impl AccessUrl {
    /// The URL of a server known only by the address it listens on.
    pub fn of_address(address: SocketAddr) -> Self {
        let text = if address.ip().is_unspecified() {
            format!("http://localhost:{}", address.port())
        } else {
            format!("http://{address}")
        };
        match Url::parse(&text) {
            Ok(url) => Self { text, url },
            // A socket address always makes a URL; the type of `parse` cannot say so.
            Err(error) => unreachable!("{text}: {error}"),
        }
    }

    /// The URL's text, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parsed URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL of `path`, which begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The origin, as a browser's `Origin` header has it.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether the server is reached from its own machine alone.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Whether clients reach the server by https.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

impl fmt::Display for AccessUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Why a text is not an access URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessUrlError {
    /// It is no URL at all.
    #[error("not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// It has another scheme than http or https, or no host.
    #[error("must be an http or https URL with a host")]
    NotHttp,
    /// It carries credentials, a query or a fragment.
    #[error("must not have credentials, a query or a fragment")]
    Extra,
}

impl std::str::FromStr for AccessUrl {
    type Err = AccessUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(AccessUrlError::NotHttp);
        }
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !bare {
            return Err(AccessUrlError::Extra);
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_url_loses_its_last_slash_only() {
        let url: AccessUrl = "https://id.example.com/".parse().unwrap();
        assert_eq!(url.as_str(), "https://id.example.com");
        assert_eq!(
            url.join("/oauth2/tokens"),
            "https://id.example.com/oauth2/tokens"
        );
        assert_eq!(url.origin(), "https://id.example.com");
        assert!(url.is_https());
    }

    #[test]
    fn what_is_no_access_url_is_refused() {
        for text in [
            "id.example.com",
            "ftp://id.example.com",
            "https://u:p@id.example.com",
            "https://id.example.com/?q=1",
        ] {
            assert!(text.parse::<AccessUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_wildcard_address_is_reached_as_localhost() {
        let url = AccessUrl::of_address("0.0.0.0:3000".parse().unwrap());
        assert_eq!(url.as_str(), "http://localhost:3000");
        let url = AccessUrl::of_address("[::1]:80".parse().unwrap());
        assert_eq!(url.as_str(), "http://[::1]:80");
    }

    #[test]
    fn loopback_urls_are_told_by_their_host() {
        for (url, loopback) in [
            ("http://localhost:3000", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:80", true),
            ("http://id.example.com", false),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            let parsed: AccessUrl = url.parse().unwrap();
            assert_eq!(parsed.is_loopback(), loopback, "{url}");
        }
    }
}
