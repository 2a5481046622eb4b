//! The flags of `serve`, by what they are about.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_operations::user::NewFirstUser;
use clap::{ArgAction, Args};
use ipnet::IpNet;

use super::value::{lifetime, network};
use crate::config::{ConnectionSettings, OutboundSettings};
use crate::rate_limit::{Rate, RateLimits};
use crate::secret::Secret;

/// Flags about the first user, for deployments that nobody watches start.
#[derive(Debug, Args)]
#[command(next_help_heading = "First user")]
#[expect(clippy::struct_field_names, reason = "a flag has its field's name")]
pub(super) struct FirstUserArguments {
    /// E-mail address of the first user, who is made at the start if there is none
    #[arg(long, env = "CHANCERY_FIRST_USER_EMAIL", value_name = "EMAIL", requires_all = ["first_user_username", "first_user_password"])]
    pub(super) first_user_email: Option<String>,

    /// User name of the first user
    #[arg(
        long,
        env = "CHANCERY_FIRST_USER_USERNAME",
        value_name = "NAME",
        requires = "first_user_email"
    )]
    pub(super) first_user_username: Option<String>,

    /// Password of the first user. Other users of the machine can read flags: set the variable
    #[arg(
        long,
        env = "CHANCERY_FIRST_USER_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true,
        requires = "first_user_email"
    )]
    pub(super) first_user_password: Option<Secret>,
}

impl FirstUserArguments {
    /// The user that they name, if they do.
    pub(super) fn user(self) -> Option<NewFirstUser> {
        Some(NewFirstUser {
            email: self.first_user_email?,
            username: self.first_user_username?,
            name: String::new(),
            password: self.first_user_password?,
        })
    }
}

/// Flags about what the server fetches because a stranger named it, such as the metadata documents of OAuth2 clients.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fetching")]
pub(super) struct OutboundArguments {
    /// Networks that may be asked although they are not public, such as 10.0.0.0/8; comma-separated
    #[arg(long, env = "CHANCERY_OUTBOUND_ALLOWED_NETWORKS", value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub(super) outbound_allowed_networks: Vec<IpNet>,

    /// File with certificates, in PEM, of authorities that are trusted besides those of the web
    #[arg(long, env = "CHANCERY_OUTBOUND_CA_FILE", value_name = "FILE")]
    pub(super) outbound_ca_file: Option<PathBuf>,
}

impl OutboundArguments {
    /// The settings that they make.
    pub(super) fn settings(self) -> anyhow::Result<OutboundSettings> {
        let read = |file: PathBuf| {
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
        };
        Ok(OutboundSettings {
            allowed_networks: self.outbound_allowed_networks,
            authorities: self.outbound_ca_file.map(read).transpose()?,
            ..OutboundSettings::default()
        })
    }
}

/// Flags about signed checkpoints.
#[derive(Debug, Args)]
#[command(next_help_heading = "Checkpoints")]
pub(super) struct CheckpointArguments {
    /// File of the key that signs checkpoints of the record; made when it is absent. What it signed last is kept beside it
    /// [default: in the data directory]
    #[arg(long, env = "CHANCERY_SIGNING_KEY_FILE", value_name = "FILE")]
    pub(super) signing_key_file: Option<PathBuf>,

    /// Sign nothing: whoever can write the database can rewrite the record unseen
    #[arg(
        long,
        env = "CHANCERY_UNSIGNED_LOG",
        conflicts_with = "signing_key_file"
    )]
    pub(super) unsigned_log: bool,

    /// Let anybody read the record's checkpoint and the hashes of its tree, which tell nothing of the events
    #[arg(long, env = "CHANCERY_PUBLIC_LOG")]
    pub(super) public_log: bool,

    /// Sign after so many events
    #[arg(long, env = "CHANCERY_CHECKPOINT_EVENTS", value_name = "COUNT", default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) checkpoint_events: i64,

    /// Sign after so long, when there was any event
    #[arg(long, env = "CHANCERY_CHECKPOINT_INTERVAL", value_name = "DURATION", default_value = "10m", value_parser = lifetime)]
    pub(super) checkpoint_interval: Duration,
}

/// Flags about sessions and tokens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sessions and tokens")]
pub(super) struct SessionArguments {
    /// How long a session lives without being used
    #[arg(long, env = "CHANCERY_SESSION_DURATION", value_name = "DURATION", default_value = "24h", value_parser = lifetime)]
    pub(super) session_duration: Duration,

    /// How long an OAuth2 access token lives
    #[arg(long, env = "CHANCERY_ACCESS_TOKEN_LIFETIME", value_name = "DURATION", default_value = "24h", value_parser = lifetime)]
    pub(super) access_token_lifetime: Duration,

    /// How long an OAuth2 access token lives at most, of a client that registered itself
    #[arg(long, env = "CHANCERY_SELF_REGISTERED_ACCESS_TOKEN_LIFETIME", value_name = "DURATION", default_value = "1h", value_parser = lifetime)]
    pub(super) self_registered_access_token_lifetime: Duration,

    /// How long an OAuth2 refresh token lives
    #[arg(long, env = "CHANCERY_REFRESH_TOKEN_LIFETIME", value_name = "DURATION", default_value = "30d", value_parser = lifetime)]
    pub(super) refresh_token_lifetime: Duration,

    /// The longest lifetime that an API token may ask for
    #[arg(long, env = "CHANCERY_MAX_TOKEN_LIFETIME", value_name = "DURATION", default_value = "365d", value_parser = lifetime)]
    pub(super) max_token_lifetime: Duration,

    /// Whether cookies are sent by browsers over https only [default: when the access URL is https]
    #[arg(long, env = "CHANCERY_SECURE_COOKIES", value_name = "BOOL", action = ArgAction::Set)]
    pub(super) secure_cookies: Option<bool>,
}

/// Flags about quiet hours.
#[derive(Debug, Args)]
#[command(next_help_heading = "Quiet hours")]
pub(super) struct QuietHoursArguments {
    /// When the quiet hours of users begin who have no schedule of their own, as cron text with one time each day
    #[arg(long, env = "CHANCERY_QUIET_HOURS_DEFAULT_SCHEDULE", value_name = "SCHEDULE", default_value = "CRON_TZ=UTC 0 0 * * *", value_parser = QuietHoursSchedule::parse)]
    pub(super) quiet_hours_default_schedule: QuietHoursSchedule,

    /// Whether users may have quiet hours schedules of their own
    #[arg(long, env = "CHANCERY_ALLOW_CUSTOM_QUIET_HOURS", value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    pub(super) allow_custom_quiet_hours: bool,
}

/// Flags about requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Requests")]
pub(super) struct RequestArguments {
    /// Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; comma-separated
    #[arg(long, env = "CHANCERY_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub(super) trusted_proxies: Vec<IpNet>,

    /// The longest time a request may take
    #[arg(long, env = "CHANCERY_REQUEST_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = lifetime)]
    pub(super) request_timeout: Duration,

    /// How long a connection may wait for the whole head of its next request
    #[arg(long, env = "CHANCERY_HEAD_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = lifetime)]
    pub(super) head_timeout: Duration,

    /// How long a client may take to read an answer
    #[arg(long, env = "CHANCERY_SEND_TIMEOUT", value_name = "DURATION", default_value = "1m", value_parser = lifetime)]
    pub(super) send_timeout: Duration,

    /// How many connections may be open; fewer where the system allows the process fewer files
    #[arg(long, env = "CHANCERY_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = ConnectionSettings::DEFAULT.limits.total)]
    pub(super) max_connections: usize,

    /// How many of them may be from one address, trusted proxies excepted
    #[arg(long, env = "CHANCERY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value_t = ConnectionSettings::DEFAULT.limits.per_address)]
    pub(super) max_connections_per_address: usize,

    /// How long requests under way may go on after a signal to stop
    #[arg(long, env = "CHANCERY_SHUTDOWN_GRACE", value_name = "DURATION", default_value = "20s", value_parser = lifetime)]
    pub(super) shutdown_grace: Duration,

    /// Let every request through, however many there are. For tests and benchmarks
    #[arg(long, env = "CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS")]
    pub(super) dangerous_disable_rate_limits: bool,

    /// Password logins for one account from one address, as <count>/<s|m|h>[:<burst>]
    #[arg(long, env = "CHANCERY_RATE_LIMIT_LOGIN_ACCOUNT", value_name = "RATE", default_value_t = RateLimits::DEFAULT.login_account)]
    pub(super) rate_limit_login_account: Rate,

    /// Password logins from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_LOGIN", value_name = "RATE", default_value_t = RateLimits::DEFAULT.login)]
    pub(super) rate_limit_login: Rate,

    /// Attempts to make the first user, from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_FIRST_USER", value_name = "RATE", default_value_t = RateLimits::DEFAULT.first_user)]
    pub(super) rate_limit_first_user: Rate,

    /// Token requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_TOKEN", value_name = "RATE", default_value_t = RateLimits::DEFAULT.token)]
    pub(super) rate_limit_token: Rate,

    /// Registrations of OAuth2 clients from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_REGISTER", value_name = "RATE", default_value_t = RateLimits::DEFAULT.register)]
    pub(super) rate_limit_register: Rate,

    /// Introspection requests from one address. A resource server makes one for every request that it gets
    #[arg(long, env = "CHANCERY_RATE_LIMIT_INTROSPECT", value_name = "RATE", default_value_t = RateLimits::DEFAULT.introspect)]
    pub(super) rate_limit_introspect: Rate,

    /// Authorization requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_AUTHORIZE", value_name = "RATE", default_value_t = RateLimits::DEFAULT.authorize)]
    pub(super) rate_limit_authorize: Rate,

    /// Other API requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_API", value_name = "RATE", default_value_t = RateLimits::DEFAULT.api)]
    pub(super) rate_limit_api: Rate,

    /// Reads of the past (`as_of`) by one user
    #[arg(long, env = "CHANCERY_RATE_LIMIT_PAST", value_name = "RATE", default_value_t = RateLimits::DEFAULT.past)]
    pub(super) rate_limit_past: Rate,
}
